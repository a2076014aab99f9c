from . import customer_tier_decision
