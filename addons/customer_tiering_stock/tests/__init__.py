from . import test_cross_ratio
