from . import customer_target_import
