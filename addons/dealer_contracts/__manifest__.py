{
    "name": "Dealer Contracts",
    "summary": "Complete, approved, signed contracts with dealers that nobody can change or lose",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_metrics", "sale_order_hold", "portal", "report_weasyprint"],
    "data": [
        "security/dealer_contracts_groups.xml",
        "security/ir.model.access.csv",
    ],
    "application": True,
}
