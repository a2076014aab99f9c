from . import test_access, test_attack, test_decisions, test_doors, test_growth, test_portal
