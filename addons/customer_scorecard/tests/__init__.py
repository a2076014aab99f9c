from . import (
    test_access,
    test_attack,
    test_batch,
    test_form,
    test_immutable,
    test_result,
    test_scoring,
    test_versions,
    test_workbook,
    test_workflow,
)
