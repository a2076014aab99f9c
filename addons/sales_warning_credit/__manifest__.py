{
    "name": "Sales Warnings: Credit",
    "summary": "Warnings on receivables go by the credit account's limit of today",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["sales_warning", "customer_credit"],
    "auto_install": True,
}
