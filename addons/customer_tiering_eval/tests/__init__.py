from . import test_plaque_score
