from odoo import api, fields, models
from odoo.tools import SQL


class WarningCase(models.Model):
    _inherit = "warning.case"

    holds_orders = fields.Boolean(
        compute="_compute_holds_orders",
        help="While this warning is open, orders of the customer are held when they are confirmed.",
    )

    @api.depends("state", "level", "rule_id.action_ids.kind", "rule_id.action_ids.level")
    def _compute_holds_orders(self):
        for case in self:
            actions = case.rule_id.sudo().action_ids.filtered(lambda action: action.kind == "hold_orders")
            case.holds_orders = case.state != "closed" and any(
                action.level == "amber" or case.level == "red" for action in actions
            )

    @api.model
    def _holding_orders(self, companies, customers):
        """Return {(company id, customer id): figures of the cases that hold the customer's orders}: one query at most.

        Whatever the present user may read. The worst and oldest case comes first.
        """
        found = {}
        if not customers or not self.env["warning.rule.action"]._holds_orders():
            return found
        self.flush_model(["rule_id", "company_id", "partner_id", "level", "state", "last_reason", "last_figures"])
        self.env["warning.rule.action"].flush_model(["rule_id", "kind", "level"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.company_id, c.partner_id, c.id, c.rule_id, c.level, c.opened_on, c.last_reason, c.last_figures
                  FROM warning_case c
                 WHERE c.partner_id = ANY (%s) AND c.company_id = ANY (%s) AND c.state <> 'closed'
                   AND EXISTS (SELECT FROM warning_rule_action a
                                WHERE a.rule_id = c.rule_id AND a.kind = 'hold_orders'
                                  AND (a.level = 'amber' OR c.level = 'red'))
              ORDER BY c.level DESC, c.opened_on, c.id
                """,
                customers.ids,
                companies.ids,
            )
        )
        for company_id, customer_id, case_id, rule_id, level, opened_on, reason, figures in rows:
            found.setdefault((company_id, customer_id), []).append(
                {
                    "case_id": case_id,
                    "rule_id": rule_id,
                    "company_id": company_id,
                    "level": level,
                    "opened_on": fields.Date.to_string(opened_on),
                    "reason": reason,
                    "figures": figures,
                }
            )
        return found

    def _close(self, outcome, result=None):
        super()._close(outcome, result)
        self.env["sale.order.hold"]._warning_check_again(self.partner_id)
