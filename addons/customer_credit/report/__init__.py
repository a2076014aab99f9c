from . import credit_forms
