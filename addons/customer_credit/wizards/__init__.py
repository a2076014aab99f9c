from . import credit_application_decide
from . import credit_freeze
