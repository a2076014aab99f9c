{
    "name": "Customer Tiering: Credit",
    "summary": "The class and its credit factor, for those who decide about credit",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "customer_credit"],
    "data": ["views/credit_account_views.xml"],
    "auto_install": True,
}
