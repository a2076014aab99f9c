{
    "name": "Customer Tiering: Stock",
    "summary": "Cross ratio: margin in per cent by stock turnover, by product and category",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/customer_cross_ratio_report_rules.xml",
        "report/customer_cross_ratio_report_views.xml",
    ],
    "auto_install": True,
}
