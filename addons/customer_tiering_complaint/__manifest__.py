{
    "name": "Customer Tiering: Complaints",
    "summary": "Return policies, windows of returns and deadlines by the class of the customer",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "aftersales_complaint"],
    "data": [
        "views/complaint_return_policy_views.xml",
        "views/complaint_deadline_views.xml",
        "views/complaint_complaint_views.xml",
    ],
    "auto_install": True,
}
