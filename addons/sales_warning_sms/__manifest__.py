{
    "name": "Sales Warnings: SMS",
    "summary": "Warnings reach their owner's telephone",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["sales_warning", "sms"],
    "auto_install": True,
}
