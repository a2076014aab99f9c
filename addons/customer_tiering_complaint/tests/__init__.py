from . import test_deadlines, test_return_window
