{
    "name": "Customer Metrics",
    "summary": "Trade and receivables of every customer, and one definition of every customer figure",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["account", "sale", "sale_margin"],
    "data": [
        "security/ir.model.access.csv",
        "security/customer_metrics_security.xml",
        "data/customer_metric_data.xml",
        "data/ir_cron_data.xml",
        "views/customer_trade_report_views.xml",
        "views/customer_receivable_report_views.xml",
        "views/customer_metric_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["customer_metrics/static/src/**/*"],
    },
}
