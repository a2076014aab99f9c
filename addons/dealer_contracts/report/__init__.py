from . import dealer_contract_report
