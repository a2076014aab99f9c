from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class SaleOrderHoldReason(models.Model):
    """One reason of a hold, with the figures it was judged on; the sentence is made in the reader's language."""

    _name = "sale.order.hold.reason"
    _description = "Reason of an Order Hold"
    _order = "hold_id, id"
    _rec_name = "code"

    hold_id = fields.Many2one("sale.order.hold", required=True, index=True, ondelete="cascade")
    order_id = fields.Many2one(related="hold_id.order_id", store=True, index=True)
    company_id = fields.Many2one(related="hold_id.company_id", store=True)
    state = fields.Selection(related="hold_id.state", store=True)
    decision_by = fields.Many2one(related="hold_id.decision_by", store=True)
    decision_date = fields.Datetime(related="hold_id.decision_date", store=True)
    code = fields.Selection([("manual", "Held by a person")], required=True)
    figures = fields.Json()
    message = fields.Char(compute="_compute_message")

    @api.depends("code", "figures")
    @api.depends_context("lang")
    def _compute_message(self):
        for reason in self:
            reason.message = self._message(reason.code, reason.figures or {})

    @api.model_create_multi
    def create(self, vals_list):
        reasons = super().create(vals_list)
        reasons._check_open()
        return reasons

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_open()

    def _check_open(self):
        if any(reason.hold_id.state != "held" for reason in self):
            raise UserError(self.env._("The reasons of a decided hold are kept as they are."))

    @api.model
    def _message(self, code, figures):
        """Return the sentence for a reason, with its figures, in the language of the environment.

        Keepers override it for their own codes and call super() for the others.
        """
        if code == "manual":
            return self.env._("Held by %(user)s: %(note)s", user=figures.get("user", ""), note=figures.get("note", ""))
        return code

    @api.model
    def _amount(self, figures, key):
        """Return the amount ``key`` of ``figures`` formatted in the currency named by the figures."""
        currency = self.env["res.currency"].browse(figures.get("currency_id"))
        return formatLang(self.env, figures.get(key) or 0.0, currency_obj=currency)
