from . import customer_scorecard_refusal
from . import customer_scorecard_import
