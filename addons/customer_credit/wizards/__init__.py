from . import credit_freeze
