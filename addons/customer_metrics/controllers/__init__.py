from . import customer_target
