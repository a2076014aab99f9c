from odoo import Command, fields, models
from odoo.exceptions import AccessError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_make_contract(self):
        """Draft a contract from an order: customer, products, prices with taxes, price list, payment terms."""
        self.ensure_one()
        if not self.env.user.has_group("dealer_contracts.group_contract_user"):
            raise AccessError(self.env._("Contracts are written by their authors: ask a contract manager."))
        template = self.env["dealer.contract.template"].search(
            [("kind", "=", "sale"), ("company_id", "in", (self.company_id.id, False))]
        )
        # The language of the customer, where there is a template in it.
        template = template.filtered(lambda candidate: candidate.lang == self.partner_id.lang)[:1] or template[:1]
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "template_id": template.id,
            "pricelist_id": self.pricelist_id.id,
            "order_id": self.id,
            "date_signed": fields.Date.context_today(self),
            "line_ids": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "quantity": line.product_uom_qty,
                        "uom_id": line.product_uom_id.id,
                        "price_unit": line.price_total / line.product_uom_qty,
                        "sequence": place,
                    }
                )
                for place, line in enumerate(self.order_line, 1)
                if line.product_id and not line.display_type and line.product_uom_qty
            ],
        }
        if self.payment_term_id:
            values["payment_term_id"] = self.payment_term_id.id
        return self.env["dealer.contract"].create(values)._open()
