from . import test_access
from . import test_attack
from . import test_browser
from . import test_exposure
from . import test_gate
from . import test_payment_history
from . import test_random_ledger
from . import test_release
