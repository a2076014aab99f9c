from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, format_date


class DealerContractLoan(models.Model):
    """An original that was lent and comes back (D5)."""

    _name = "dealer.contract.loan"
    _description = "Loan of an Original"
    _order = "date_out desc, id desc"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id")
    borrower_id = fields.Many2one("res.users", required=True, index=True, domain="[('share', '=', False)]")
    purpose = fields.Char(required=True)
    date_out = fields.Date("Lent on", required=True, default=fields.Date.context_today)
    date_due = fields.Date("Due Back", required=True)
    date_back = fields.Date("Returned on", readonly=True, index=True)
    lent_by = fields.Many2one("res.users", readonly=True, default=lambda self: self.env.user)
    received_by = fields.Many2one("res.users", readonly=True)
    overdue = fields.Boolean(compute="_compute_overdue", search="_search_overdue")

    _dates_check = models.Constraint("CHECK (date_due >= date_out)", "An original is due back after it was lent.")

    @api.depends("borrower_id", "contract_id.name")
    def _compute_display_name(self):
        for loan in self:
            loan.display_name = f"{loan.contract_id.name or ''} · {loan.borrower_id.name}"

    @api.depends("date_due", "date_back")
    def _compute_overdue(self):
        today = fields.Date.context_today(self)
        for loan in self:
            loan.overdue = not loan.date_back and bool(loan.date_due) and loan.date_due < today

    def _search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("date_back", "=", False), ("date_due", "<", fields.Date.context_today(self))]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su:
                vals.update(date_back=False, received_by=False, lent_by=self.env.uid)
        loans = super(DealerContractLoan, self.with_context(clean_context(self.env.context))).create(vals_list)
        loans = loans.with_env(self.env)
        loans.contract_id._check_custodian()
        for contract in loans.contract_id:
            contract.sudo()._lock()
            out = self.sudo().search_count([("contract_id", "=", contract.id), ("date_back", "=", False)])
            if out > contract.sudo().copies_kept:
                raise ValidationError(
                    self.env._(
                        "%(contract)s: %(kept)s originals are kept and %(out)s would be lent.",
                        contract=contract.display_name,
                        kept=contract.sudo().copies_kept,
                        out=out,
                    )
                )
        for loan in loans:
            loan.contract_id.sudo()._log_note(
                self.env._(
                    "An original was lent to %(borrower)s until %(date)s.",
                    borrower=loan.borrower_id.name,
                    date=format_date(self.env, loan.date_due),
                )
            )
        return loans

    def write(self, vals):
        if not self.env.su:
            self.contract_id._check_custodian()
            if vals.keys() - {"date_due"}:
                raise AccessError(self.env._("A loan is kept as it was entered; only its due date may be moved."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The register of originals is kept as it is."))

    def action_return(self):
        """Note that originals are back."""
        self.contract_id._check_custodian()
        for loan in self:
            if loan.date_back:
                raise UserError(self.env._("%s is back already.", loan.display_name))
        self.sudo().write({"date_back": fields.Date.context_today(self), "received_by": self.env.uid})
        self.contract_id.sudo()._close_activities("dealer_contracts.mail_activity_type_return")
        return True
