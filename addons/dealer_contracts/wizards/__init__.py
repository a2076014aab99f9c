from . import dealer_contract_refusal
from . import dealer_contract_scan
from . import dealer_contract_termination
