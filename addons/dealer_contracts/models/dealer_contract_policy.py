from odoo import api, fields, models
from odoo.exceptions import AccessError


class DealerContract(models.Model):
    """What a contract does beside being kept (D4, D6, D7): its rebates and commitments, and how long it has effect."""

    _inherit = "dealer.contract"

    rebate_ids = fields.One2many("dealer.contract.rebate", "contract_id", string="Rebates", copy=True)
    commitment_ids = fields.One2many("dealer.contract.commitment", "contract_id", string="Commitments", copy=True)
    settlement_ids = fields.One2many("dealer.contract.settlement", "contract_id", string="Settlements", readonly=True)
    rebate_payable = fields.Monetary(
        compute="_compute_rebate_payable",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="What rebates earned until today and that wasn't settled.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")

    # === COMPUTE METHODS === #

    @api.depends("rebate_ids", "state")
    def _compute_rebate_payable(self):
        for contract in self:
            contract.rebate_payable = sum(contract.rebate_ids.mapped("payable"))

    @api.depends("rebate_ids", "commitment_ids")
    @api.depends_context("lang")
    def _compute_part_problems(self):
        return super()._compute_part_problems()

    # === TIME === #

    def _has_begun(self):
        """Tell whether the contract is or was in force."""
        self.ensure_one()
        return self.state in ("in_force", "expired", "terminated")

    def _effective_end(self):
        """Return the first day without effect: the end, the termination or the amendment that took its place."""
        self.ensure_one()
        ends = [self.date_end, self.date_terminated]
        ends += [
            follower.date_start
            for follower in self.follower_ids
            if follower.relation == "amendment" and follower._has_begun()
        ]
        return min(filter(None, ends), default=None)

    # === WHAT IT SAYS === #

    def _part_problems_policy(self):
        problems = super()._part_problems_policy()
        rows = [*self.rebate_ids, *self.commitment_ids]
        if self.no_policy and self.rebate_ids:
            problems.append(self.env._("either rebates, or that there is no dealer policy"))
        return problems + [problem for row in rows if (problem := row._table_problem())]

    def _policy_texts(self):
        return [
            *(row._sentence() for row in self.rebate_ids.sorted(lambda row: (row.sequence, row.id))),
            *self._commitment_texts(),
            *super()._policy_texts(),
        ]

    def _commitment_texts(self):
        return [row._sentence() for row in self.commitment_ids.sorted(lambda row: (row.sequence, row.id))]

    def _policy_text(self):
        text = super()._policy_text()
        # What the dealer owes holds, even if it gets nothing for it.
        return "\n".join([text, *self._commitment_texts()]) if self.no_policy else text

    def _content(self):
        content = super()._content()
        for name in ("rebate_ids", "commitment_ids"):
            rows = self[name].sorted(lambda row: (row.sequence, row.id))
            if rows:
                content[name] = [row._plain() for row in rows]
        return content

    # === SUCCESSION === #

    def _successor(self, relation, values):
        """The rebates of an amendment go on where those of the contract are; those of a renewal begin anew."""
        draft = super()._successor(relation, values)
        pairs = zip(self.sudo().rebate_ids.sorted("id"), draft.sudo().rebate_ids.sorted("id"), strict=True)
        for rebate, follower in pairs:
            if relation == "amendment":
                follower.write(
                    {
                        "origin_id": rebate.id,
                        "root_id": (rebate.root_id or rebate).id,
                        "date_from": rebate.date_from or self.date_start,
                    }
                )
            else:
                follower.date_from = False
        for commitment, follower in zip(
            self.sudo().commitment_ids.sorted("id"), draft.sudo().commitment_ids.sorted("id"), strict=True
        ):
            follower.date_from = (commitment.date_from or self.date_start) if relation == "amendment" else False
        return draft

    # === GUARDS === #

    def _terms_server_fields(self):
        """Fields of this part that the server sets; they aren't part of what is agreed."""
        return frozenset({"settlement_ids", "reminded_for", "reminded_days"})

    def _late_fields(self):
        return super()._late_fields() | self._terms_server_fields()

    def _check_names(self, names):
        super()._check_names(names)
        refused = self._terms_server_fields() & set(names)
        if refused:
            raise AccessError(
                self.env._("These fields follow from the steps of a contract: %s", ", ".join(sorted(refused)))
            )

    def action_settlements(self):
        """Open what was settled of the rebates."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("dealer_contracts.dealer_contract_settlement_action")
        return {**action, "domain": [("contract_id", "=", self.id)]}
