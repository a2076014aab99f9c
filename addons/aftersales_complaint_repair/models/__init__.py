from . import complaint_complaint, complaint_remedy, repair_order
