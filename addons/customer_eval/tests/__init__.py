from . import test_access
from . import test_browser
from . import test_chase
from . import test_customer
from . import test_prospect
from . import test_reputation
from . import test_templates
from . import test_trend
