from . import credit_forms
from . import credit_file_report
from . import credit_held_report
from . import credit_override_report
from . import credit_statement_report
from . import credit_utilisation_report
