from odoo import api, fields, models
from odoo.tools import format_date


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"

    code = fields.Selection(
        selection_add=[
            ("contract_none", "No contract"),
            ("contract_expired", "Contract ended"),
            ("contract_products", "Products outside the contract"),
            ("contract_area", "Area outside the contract"),
        ],
        ondelete={
            "contract_none": "cascade",
            "contract_expired": "cascade",
            "contract_products": "cascade",
            "contract_area": "cascade",
        },
    )

    @api.model
    def _message(self, code, figures):
        if code == "contract_none":
            return self.env._("No contract with the customer is in force.")
        if code == "contract_expired":
            return self.env._(
                "The customer's contract %(number)s ended: its last day was %(day)s.",
                number=figures.get("number"),
                day=format_date(self.env, figures.get("last_day")),
            )
        if code == "contract_products":
            names = ", ".join(figures.get("products", []))
            more = figures.get("count", 0) - len(figures.get("products", []))
            if more > 0:
                names = self.env._("%(names)s and %(more)s more", names=names, more=more)
            return self.env._(
                "No contract in force (%(number)s) covers %(products)s.", number=figures.get("number"), products=names
            )
        if code == "contract_area":
            return self.env._(
                "The delivery goes outside the areas of contract %(number)s: %(place)s.",
                number=figures.get("number"),
                place=figures.get("place"),
            )
        return super()._message(code, figures)
