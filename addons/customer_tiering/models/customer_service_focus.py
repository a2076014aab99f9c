from odoo import api, fields, models


class CustomerServiceFocus(models.Model):
    """How key accounts are served, by ownership and loyalty: six cells, as data (T5)."""

    _name = "customer.service.focus"
    _description = "Focus of Service"
    _order = "ownership, loyalty"

    ownership = fields.Selection([("state", "State-Owned"), ("private", "Private")], required=True)
    loyalty = fields.Selection([("loyal", "Loyal"), ("half", "Half-Loyal"), ("disloyal", "Disloyal")], required=True)
    focus = fields.Text("Focus of Service", required=True, translate=True)
    account_count = fields.Integer("Key Accounts", compute="_compute_account_count")

    _cell_unique = models.Constraint("UNIQUE (ownership, loyalty)", "There is one focus for an ownership and loyalty.")

    @api.depends("ownership", "loyalty")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("ownership", "loyalty")}
        for cell in self:
            cell.display_name = " · ".join(filter(None, (names[name].get(cell[name]) for name in names)))

    @api.depends_context("company", "uid")
    def _compute_account_count(self):
        accounts = self.env["customer.key.account"].search(
            [("state", "=", "confirmed"), ("company_id", "=", self.env.company.id)]
        )
        counts = {}
        for account in accounts:
            counts[account.focus_id] = counts.get(account.focus_id, 0) + 1
        for cell in self:
            cell.account_count = counts.get(cell, 0)

    def action_accounts(self):
        """Open the key accounts of the cell."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_tiering.customer_key_account_action")
        action.update(
            domain=[
                ("partner_id.customer_ownership", "=", self.ownership),
                ("partner_id.customer_loyalty", "=", self.loyalty),
            ],
            display_name=self.display_name,
        )
        return action
