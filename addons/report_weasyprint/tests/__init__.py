from . import test_attachment
from . import test_download
from . import test_harmless
from . import test_rendering
