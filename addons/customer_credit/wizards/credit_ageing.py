from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date


class CreditAgeing(models.TransientModel):
    """Ask for the day of which receivables are shown by how long they were overdue."""

    _name = "credit.ageing"
    _description = "Ageing at a Date"

    date = fields.Date("As Of", required=True, default=fields.Date.context_today, help="The evening of this day.")

    def action_open(self):
        """Open the receivables as they were on the evening of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_ageing_action")
        name = self.env._("Ageing as of %s", format_date(self.env, self.date))
        context = {"customer_figures_date_to": fields.Date.to_string(self.date + timedelta(days=1))}
        return {**action, "name": name, "display_name": name, "path": False, "context": context}
