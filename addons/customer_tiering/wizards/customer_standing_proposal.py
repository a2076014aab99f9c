from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.customer_standing_criterion import KINDS


class CustomerStandingProposal(models.TransientModel):
    """Window in which customers are proposed by rule: key accounts, special support units, special care."""

    _name = "customer.standing.proposal"
    _description = "Proposal of Customers by Rule"

    kind = fields.Selection(
        [("key", "Key Accounts"), ("plaque", "Special Support Units"), *KINDS], required=True, default="key"
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    value_share = fields.Float(
        "Share of the Margin (%)", default=80, required=True, help="What the few bring together, of the last 12 months."
    )
    customer_share = fields.Float(
        "Share of the Customers (%)", default=20, required=True, help="The few are at most this share of all customers."
    )

    @api.constrains("value_share", "customer_share")
    def _check_shares(self):
        for wizard in self:
            if not (0 < wizard.value_share <= 100 and 0 < wizard.customer_share <= 100):
                raise ValidationError(self.env._("Shares are above 0 and at most 100 %."))

    def action_propose(self):
        """Propose, and open what is proposed now."""
        self.ensure_one()
        company = self.company_id
        # The company is one of the user's: records of others can't be seen, nor proposed.
        company.check_access("read")
        if self.kind == "key":
            self.env["customer.key.account"]._propose_by_rule(company, self.value_share, self.customer_share)
            xmlid = "customer_tiering.customer_key_account_action"
        elif self.kind == "plaque":
            self.env["customer.support.unit"]._propose_by_rule(company)
            xmlid = "customer_tiering.customer_support_unit_action"
        else:
            self.env["customer.special.care"]._propose_by_rule(company, self.kind)
            xmlid = f"customer_tiering.customer_special_care_action_{self.kind}"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"search_default_proposed": 1}
        if self.kind not in ("key", "plaque"):
            action["context"]["default_kind"] = self.kind
        return action
