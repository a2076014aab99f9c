from . import test_radar
