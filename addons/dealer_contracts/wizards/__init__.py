from . import dealer_contract_refusal
from . import dealer_contract_scan
from . import dealer_contract_termination
from . import dealer_area_breach_decision
from . import dealer_contract_accrual
