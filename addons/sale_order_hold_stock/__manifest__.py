{
    "name": "Sale Order Hold: Deliveries",
    "summary": "What was added to a confirmed order isn't delivered before it is released",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["sale_order_hold", "sale_stock"],
    "auto_install": True,
}
