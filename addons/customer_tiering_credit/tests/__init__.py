from . import test_credit_class
