from . import dealer_contract_report
from . import dealer_contract_missing
