from . import test_partner_level
