from . import test_return_window
