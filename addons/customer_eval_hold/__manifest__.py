{
    "name": "Customer Evaluation: Order Hold",
    "summary": "Orders of customers that their evaluation refuses are held, or warned about",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_eval", "sale_order_hold"],
    "data": [
        "views/sale_order_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
