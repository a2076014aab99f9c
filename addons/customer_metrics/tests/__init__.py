from . import test_access
from . import test_metric_registry
from . import test_receivable
from . import test_reports
from . import test_rhythm
from . import test_trade
