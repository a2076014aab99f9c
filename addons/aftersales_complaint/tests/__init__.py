from . import test_cost
from . import test_deadlines
from . import test_immutable
from . import test_portal
from . import test_repackaging
from . import test_returns
from . import test_uploads
from . import test_workflow
