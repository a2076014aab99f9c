from odoo import models
from odoo.exceptions import UserError


class CustomerExpense(models.Model):
    _inherit = "customer.expense"

    def _post(self):
        """Post nothing for customers whose expenses a warning has stopped (W3). What takes back is not stopped."""
        spending = self.filtered(lambda expense: expense.amount_company > 0)
        cases = (
            self.env["warning.case"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", spending.partner_id.ids),
                    ("company_id", "in", spending.company_id.ids),
                    ("stops_expense", "=", True),
                    ("state", "!=", "closed"),
                ]
            )
        )
        stopped = {(case.partner_id, case.company_id): case for case in cases}
        for expense in spending:
            if case := stopped.get((expense.sudo().partner_id, expense.company_id)):
                raise UserError(
                    self.env._(
                        "Expenses for %(customer)s are stopped: %(reason)s %(owner)s can close the warning.",
                        customer=case.partner_id.display_name,
                        reason=case.sentence,
                        owner=case.user_id.name,
                    )
                )
        return super()._post()
