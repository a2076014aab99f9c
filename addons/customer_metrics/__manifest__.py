{
    "name": "Customer Metrics",
    "summary": "Trade and receivables of every customer, and one definition of every customer figure",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["account", "sale", "sale_margin"],
    "data": [],
}
