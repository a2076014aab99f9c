from . import test_complaint_browser
from . import test_deadlines
from . import test_immutable
from . import test_portal
from . import test_returns
from . import test_workflow
