from . import (
    test_access,
    test_arithmetic,
    test_browser,
    test_effects,
    test_override,
    test_run,
    test_scheme,
    test_standing,
    test_standing_access,
)
