from . import credit_freeze
from . import credit_statement
