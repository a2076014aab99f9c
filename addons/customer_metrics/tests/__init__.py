from . import (
    test_access,
    test_custom_metric,
    test_documents,
    test_expense,
    test_metric_registry,
    test_receivable,
    test_reports,
    test_rhythm,
    test_target,
    test_target_sheet,
    test_trade,
    test_working_days,
)
