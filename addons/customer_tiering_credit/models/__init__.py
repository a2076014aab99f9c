from . import credit_standard
from . import credit_account, res_partner
