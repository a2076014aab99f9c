{
    "name": "Sales Warnings: Order Hold",
    "summary": "Orders of customers are held while a warning of a rule is open on them",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["sales_warning", "sale_order_hold"],
    "data": [
        "views/warning_case_views.xml",
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
