"""Simulations whose draft takes the limits from a credit standard."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CreditSimulation(models.Model):
    _inherit = "credit.simulation"

    limit_basis = fields.Selection(
        selection_add=[("standard", "A credit standard")], ondelete={"standard": "set default"}
    )
    standard_id = fields.Many2one(
        "credit.standard",
        string="Credit Standard",
        index="btree_not_null",
        ondelete="restrict",
        help="A draft or one in force. Grades and classes of customers are those of today, average monthly sales those "
        "before each month. Customers without a grade in the table keep the limit of today.",
    )

    @api.constrains("limit_basis", "standard_id", "company_id")
    def _check_standard(self):
        for simulation in self:
            standard = simulation.standard_id
            if simulation.limit_basis == "standard" and not standard:
                raise ValidationError(self.env._("Choose the credit standard that “%s” tries out.", simulation.name))
            if standard.company_id and standard.company_id not in (
                simulation.company_id | simulation.company_id._credit_keeper()
            ):
                raise ValidationError(
                    self.env._(
                        "“%(standard)s” is the credit standard of %(company)s.",
                        standard=standard.name,
                        company=standard.company_id.sudo().name,
                    )
                )

    def _draft_limits(self, settings, ids, accounts):
        """Return what the standard grants, month by month, to the customers that have a limit and a grade in it."""
        if self.limit_basis != "standard":
            return super()._draft_limits(settings, ids, accounts)
        limited = self.env["credit.account"].browse(
            sorted(account.id for account in accounts.values() if account.mode == "amount")
        )
        limited.fetch(["partner_id", "grade"])
        classes = self.standard_id._customer_classes(limited.partner_id, self.company_id)
        ratings = {account.partner_id.id: (account.grade, classes.get(account.partner_id.id)) for account in limited}
        lines = {rating: self.standard_id._line_for(*rating) for rating in set(ratings.values())}
        rated = [customer_id for customer_id, rating in ratings.items() if lines[rating]]
        return {
            (customer_id, month): self.standard_id._proposal(
                lines[ratings[customer_id]], average, self.currency_id, ratings[customer_id][1]
            ).limit
            for month, sales in self._monthly_sales(rated)
            for customer_id, average in sales.items()
        }


class CreditStandard(models.Model):
    _inherit = "credit.standard"

    def _check_draft(self):
        """The table stays as it is while a simulation reads it."""
        super()._check_draft()
        running = (
            self.env["credit.simulation"]
            .sudo()
            .search([("standard_id", "in", self.ids), ("state", "=", "running")], limit=1)
        )
        if running:
            raise UserError(
                self.env._("“%s” is running with this standard: wait for its end, or stop it.", running.name)
            )

    def action_simulate(self):
        """Open a new simulation of this standard."""
        self.ensure_one()
        self._check_manager()
        return {
            "type": "ir.actions.act_window",
            "res_model": "credit.simulation",
            "view_mode": "form",
            "context": {
                "default_name": self.name,
                "default_limit_basis": "standard",
                "default_standard_id": self.id,
                **({"default_company_id": self.company_id.id} if self.company_id else {}),
            },
        }
