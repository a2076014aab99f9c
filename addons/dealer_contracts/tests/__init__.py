from . import test_exclusivity
from . import test_rebate_bands
from . import test_rebates
