from . import credit_account, res_partner
