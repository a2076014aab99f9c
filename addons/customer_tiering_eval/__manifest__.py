{
    "name": "Customer Tiering: Evaluation",
    "summary": "The evaluation decides on the plaque too; the class stands on the evaluation",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["customer_tiering", "customer_eval"],
    "data": [
        "data/customer_standing_criterion_data.xml",
        "views/customer_scorecard_views.xml",
    ],
    "auto_install": True,
}
