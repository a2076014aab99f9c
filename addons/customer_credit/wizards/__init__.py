from . import credit_application_decide
from . import credit_ageing
from . import credit_freeze
from . import credit_limit_import
from . import credit_statement
