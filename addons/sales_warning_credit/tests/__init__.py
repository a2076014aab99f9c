from . import test_credit_limit
