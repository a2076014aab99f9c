{
    "name": "Complaints: Repairs",
    "summary": "Repair as a remedy of complaints: Odoo's repair orders, traced both ways",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["aftersales_complaint", "repair"],
    "data": [
        "views/repair_order_views.xml",
        "views/complaint_complaint_views.xml",
    ],
    "auto_install": True,
}
