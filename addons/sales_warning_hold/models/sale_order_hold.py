from odoo import api, fields, models


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"

    keeper = fields.Selection(selection_add=[("warning", "Warnings")], ondelete={"warning": "cascade"})

    @api.model
    def _warning_check_again(self, customers=None):
        """Bring orders that wait because of a warning before the gate again, where none holds them any more.

        :param customers: only theirs; default: everybody's
        """
        domain = [("keeper", "=", "warning"), ("state", "=", "held")]
        if customers is not None:
            domain.append(("partner_id", "in", customers.ids))
        holds = self.sudo().search(domain)
        holding = self.env["warning.case"].sudo()._holding_orders(holds.company_id, holds.partner_id)
        free = holds.filtered(lambda hold: (hold.company_id.id, hold.partner_id.id) not in holding)
        if free:
            free.action_check_again()
