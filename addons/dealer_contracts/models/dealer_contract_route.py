from odoo import api, fields, models


class DealerContractRoute(models.Model):
    """Who approves a contract, one after the other (D3)."""

    _name = "dealer.contract.route"
    _description = "Route of Approval"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first route of a company is taken where the template names none.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")
    step_ids = fields.One2many("dealer.contract.route.step", "route_id", string="Steps", copy=True)

    @api.model
    def _for_company(self, company):
        """Return the route of a company: its own before the common one."""
        routes = self.search([("company_id", "in", (company.id, False))])
        return routes.sorted(lambda route: (not route.company_id, route.sequence, route.id))[:1]


class DealerContractRouteStep(models.Model):
    _name = "dealer.contract.route.step"
    _description = "Step of Approval"
    _order = "route_id, sequence, id"

    route_id = fields.Many2one("dealer.contract.route", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    group_id = fields.Many2one(
        "res.groups",
        string="Approvers",
        required=True,
        ondelete="restrict",
        domain=lambda self: [
            ("all_implied_ids", "in", self.env.ref("dealer_contracts.group_contract_approver").ids),
        ],
    )
    amount_from = fields.Float(
        digits=(16, 2),
        help="Contracts of this amount or more in company currency pass the step. Contracts without amount, such as"
        " frameworks, always do.",
    )
