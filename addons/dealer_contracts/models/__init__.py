from . import dealer_area
from . import dealer_contract
