from . import customer_scorecard, customer_standing_criterion
