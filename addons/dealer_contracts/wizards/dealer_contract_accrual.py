from datetime import timedelta

from odoo import fields, models


class DealerContractAccrual(models.TransientModel):
    """Asks for the day on whose eve the list of rebates shows what they have earned."""

    _name = "dealer.contract.accrual"
    _description = "Rebates on a Day"

    date = fields.Date(
        "Last Day That Counts", required=True, default=fields.Date.context_today, help="Documents until this day count."
    )

    def action_show(self):
        """Open the rebates with what they had earned at the end of that day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("dealer_contracts.dealer_contract_rebate_action")
        return {
            **action,
            "name": self.env._("Rebates on %s", self.date),
            "context": {"rebate_date_to": fields.Date.to_string(self.date + timedelta(days=1)), "create": False},
        }
