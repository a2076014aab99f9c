from . import test_access
from . import test_amount_in_words
from . import test_browser
from . import test_content
from . import test_cycle
from . import test_paper
from . import test_workflow
