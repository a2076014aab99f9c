from . import complaint_complaint, complaint_deadline, complaint_return_policy
