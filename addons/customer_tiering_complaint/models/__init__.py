from . import complaint_complaint, complaint_return_policy
