from . import test_print
from . import test_radar
from . import test_widgets
