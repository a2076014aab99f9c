from . import test_keeper
