from . import customer_tier
