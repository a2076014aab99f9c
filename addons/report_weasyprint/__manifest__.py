{
    "name": "Reports by WeasyPrint",
    "summary": "Printed forms with running headers, page numbers and Chinese text, without wkhtmltopdf",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tools",
    "author": "Dealer Management Suite contributors",
    "license": "LGPL-3",
    "depends": ["web"],
    "external_dependencies": {"python": ["weasyprint"]},
    "data": [
        "data/report_paperformat_data.xml",
        "report/layout_templates.xml",
        "views/ir_actions_report_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["report_weasyprint/static/src/print/*"],
        "web.assets_tests": ["report_weasyprint/static/tests/tours/*"],
    },
}
