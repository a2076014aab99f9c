from . import customer_metric
