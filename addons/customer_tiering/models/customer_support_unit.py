from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_tier_run import OFFICER


class CustomerSupportUnit(models.Model):
    """A special support unit (T4): checked against the criteria, confirmed by a director, with plaque and certificate.

    The checks are kept as they were when it was proposed. A director may confirm a customer that misses a criterion;
    the reason and the checks stand side by side for ever.
    """

    _name = "customer.support.unit"
    _description = "Special Support Unit"
    _inherit = ["customer.standing"]
    _rec_name = "name"
    _editable = ("user_id", "review_date", "benefits")
    # The plaque comes back after the standing has ended.
    _afterwards = ("plaque_state", "returned_on", "returned_by")

    name = fields.Char("Number", readonly=True, copy=False, index="trigram", help="Given on confirmation.")
    meets = fields.Boolean("Meets All Criteria", compute="_compute_meets", store=True)
    benefits = fields.Text(tracking=True, help="What the customer is granted; printed on nothing.")
    plaque_state = fields.Selection(
        [("none", "Not Issued"), ("issued", "Issued"), ("returned", "Returned")],
        string="Plaque",
        required=True,
        default="none",
        readonly=True,
        tracking=True,
    )
    issued_on = fields.Date("Plaque Issued On", readonly=True)
    issued_by = fields.Many2one("res.users", string="Plaque Issued By", readonly=True)
    returned_on = fields.Date("Plaque Returned On", readonly=True)
    returned_by = fields.Many2one("res.users", string="Plaque Taken Back By", readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state IN ('proposed', 'confirmed')",
        "This customer is a special support unit, or proposed as one, already.",
    )
    _name_unique = models.UniqueIndex("(company_id, name) WHERE name IS NOT NULL", "This number is given already.")

    # === COMPUTE METHODS === #

    @api.depends("figures")
    def _compute_meets(self):
        for unit in self:
            checks = (unit.figures or {}).get("checks") or []
            unit.meets = bool(checks) and all(check["met"] for check in checks)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for unit in self:
            unit.display_name = " ".join(filter(None, (unit.name, unit.partner_id.display_name)))

    # === BUSINESS METHODS === #

    @api.model
    def _measure(self, customers, company):
        checks = self.env["customer.standing.criterion"]._check_all("plaque", customers, company)
        return {customer_id: {"checks": found} for customer_id, found in checks.items()}

    def _why(self, figures):
        return self.env["customer.standing.criterion"]._explain(figures.get("checks") or [])

    @api.model
    def _propose_by_rule(self, company):
        """Propose customers who meet every required criterion and enough of the others; return the new proposals."""
        memberships = (
            self.env["customer.tier.membership"]
            .sudo()
            .search([("company_id", "=", company.id), ("tier_id.allows_plaque", "=", True)])
        )
        Criterion = self.env["customer.standing.criterion"]
        checks = Criterion._check_all("plaque", memberships.partner_id, company)
        optional = self.env["customer.standing.rule"]._optional("plaque")
        passing = [customer_id for customer_id, found in checks.items() if Criterion._passes(found, optional)]
        return self._propose(self.env["res.partner"].browse(passing), company)

    def _confirmed(self):
        for unit in self:
            unit.name = self.env["ir.sequence"].with_company(unit.company_id).next_by_code("customer.support.unit")

    # === ACTION METHODS === #

    def action_issue(self):
        """Note that the plaque was handed over."""
        self._check_group(OFFICER)
        self.check_access("write")
        for unit in self:
            if unit.state != "confirmed" or unit.plaque_state == "issued":
                raise UserError(self.env._("A plaque is issued once, after the confirmation."))
            unit.sudo().write(
                {
                    "plaque_state": "issued",
                    "issued_on": unit.company_id._customer_today(),
                    "issued_by": self.env.uid,
                }
            )

    def action_return(self):
        """Note that the plaque came back."""
        self._check_group(OFFICER)
        self.check_access("write")
        for unit in self:
            if unit.plaque_state != "issued":
                raise UserError(self.env._("Only a plaque that was issued can come back."))
            unit.sudo().write(
                {
                    "plaque_state": "returned",
                    "returned_on": unit.company_id._customer_today(),
                    "returned_by": self.env.uid,
                }
            )

    def action_print(self):
        """Print the certificate of confirmed units."""
        if any(unit.state != "confirmed" for unit in self):
            raise UserError(self.env._("Only a confirmed special support unit has a certificate."))
        return self.env.ref("customer_tiering.customer_support_unit_action_report").report_action(self)
