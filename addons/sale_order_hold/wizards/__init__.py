from . import sale_order_hold_decision, sale_order_hold_force
