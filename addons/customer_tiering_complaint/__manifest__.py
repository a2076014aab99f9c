{
    "name": "Customer Tiering: Complaints",
    "summary": "Return policies by the class of the customer, and the window of returns that a class brings",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "aftersales_complaint"],
    "data": ["views/complaint_return_policy_views.xml", "views/complaint_complaint_views.xml"],
    "auto_install": True,
}
