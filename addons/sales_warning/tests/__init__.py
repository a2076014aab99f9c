from . import test_judging
from . import test_case
from . import test_rule
from . import test_run
from . import test_life
from . import test_incident
from . import test_backtest
from . import test_access
