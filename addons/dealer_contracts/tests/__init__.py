from . import test_rebate_bands
