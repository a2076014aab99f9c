from . import test_access, test_metric_registry, test_receivable, test_reports, test_rhythm, test_trade
