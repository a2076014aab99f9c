from . import warning_rule_action
