{
    "name": "Customer Tiering: Partner Levels",
    "summary": "Entering a class gives the customer the partner level of that class",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "partnership"],
    "data": ["views/customer_tier_views.xml"],
    "auto_install": True,
}
