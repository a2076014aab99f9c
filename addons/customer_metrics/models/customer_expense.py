from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, format_date

GROUPS_POST = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
)
# What a posted expense keeps for ever.
FIGURES = {
    "name",
    "company_id",
    "partner_id",
    "date",
    "kind_id",
    "amount",
    "currency_id",
    "amount_company",
    "reference",
    "document",
    "user_id",
}
DECISION = {"name", "amount_company", "state", "posted_by", "posted_date", "reversed_id"}


class CustomerExpense(models.Model):
    """An expense made for a customer: a fact like an order or an invoice (S3).

    Salespeople record it; from the moment it is posted it counts, and cannot be changed or deleted any more. What was
    posted by mistake is taken back by a second, negative expense.
    """

    _name = "customer.expense"
    _inherit = ["mail.thread"]
    _description = "Customer Expense"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Expense Number", readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="The customer whom the money was spent for; a contact or a branch stands for its company.",
    )
    date = fields.Date(required=True, index=True, default=fields.Date.context_today, tracking=True)
    kind_id = fields.Many2one("customer.expense.kind", string="Kind", required=True, ondelete="restrict", tracking=True)
    amount = fields.Monetary(required=True, tracking=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id, tracking=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency", store=True)
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        aggregator="sum",
        help="At the rate of the expense's date, as known when it is posted; then it stays.",
    )
    reference = fields.Char(string="Receipt Number", help="Number of the receipt, claim or contract.")
    document = fields.Reference(
        selection="_selection_document",
        string="Source Document",
        help="The document in Odoo that the expense comes from.",
    )
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users", string="Spent By", required=True, index=True, default=lambda self: self.env.user, tracking=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted")],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    posted_by = fields.Many2one("res.users", readonly=True, copy=False)
    posted_date = fields.Datetime(string="Posted On", readonly=True, copy=False)
    reversed_id = fields.Many2one(
        "customer.expense", string="Takes Back", readonly=True, copy=False, index="btree_not_null"
    )
    reversal_ids = fields.One2many("customer.expense", "reversed_id", string="Taken Back By")
    may_post = fields.Boolean(compute="_compute_may_post")

    _amount_not_zero = models.Constraint("CHECK (amount <> 0)", "An expense of zero is no expense.")
    _reversed_once = models.UniqueIndex("(reversed_id) WHERE reversed_id IS NOT NULL", "It was taken back already.")
    _metric_idx = models.Index("(company_id, partner_id, date) INCLUDE (amount_company) WHERE state = 'posted'")

    # === SELECTION AND COMPUTE === #

    @api.model
    def _selection_document(self):
        """The documents of Odoo that an expense may come from; addons add theirs."""
        return [(model, self.env["ir.model"]._get(model).name) for model in ("account.move", "sale.order")]

    @api.depends("amount", "currency_id", "company_id", "date", "reversed_id")
    def _compute_amount_company(self):
        for expense in self:
            if expense.state == "posted":
                expense.amount_company = expense.amount_company
            elif expense.reversed_id:
                # Whatever the rate is now, what counted before counts no longer.
                expense.amount_company = -expense.reversed_id.amount_company
            elif expense.currency_id == expense.company_currency_id or not expense.currency_id:
                expense.amount_company = expense.amount
            else:
                expense.amount_company = expense.currency_id._convert(
                    expense.amount, expense.company_currency_id, expense.company_id, expense.date
                )

    @api.depends_context("uid")
    def _compute_may_post(self):
        self.may_post = self._user_may_post()

    @api.depends("name", "kind_id")
    def _compute_display_name(self):
        for expense in self:
            parts = [expense.name if expense.name != "/" else "", expense.kind_id.name or ""]
            expense.display_name = " ".join(filter(None, parts)) or self.env._("Draft")

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("amount", "reversed_id")
    def _check_amount(self):
        for expense in self:
            if expense.amount < 0 and not expense.reversed_id:
                raise ValidationError(
                    self.env._(
                        "The expense is %(amount)s. Take a posted expense back instead of recording a negative one.",
                        amount=expense.currency_id.format(expense.amount),
                    )
                )

    @api.constrains("partner_id")
    def _check_partner(self):
        for expense in self:
            if expense.partner_id != expense.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._("Expenses are recorded for the company, not for %s.", expense.partner_id.display_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and vals.keys() & DECISION:
                self._refuse(vals.keys() & DECISION)
        # Defaults that come with a context would be another way to write them.
        given = {
            name: self.env.context[f"default_{name}"]
            for name in self._fields.keys() - DECISION
            if f"default_{name}" in self.env.context
        }
        return super(CustomerExpense, self.with_context(clean_context(self.env.context))).create(
            self.env["res.partner"]._with_commercial_partners([{**given, **vals} for vals in vals_list])
        )

    def write(self, vals):
        if not self.env.su and vals.keys() & DECISION:
            self._refuse(vals.keys() & DECISION)
        posted = self.filtered(lambda expense: expense.state == "posted")
        if posted and vals.keys() & (FIGURES | DECISION):
            raise UserError(
                self.env._(
                    "%(expenses)s is posted and cannot be changed. Take it back and record it anew.",
                    expenses=", ".join(posted.mapped("name")),
                )
            )
        return super().write(*self.env["res.partner"]._with_commercial_partners([vals]))

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        posted = self.filtered(lambda expense: expense.state == "posted")
        if posted:
            raise UserError(
                self.env._(
                    "%(expenses)s is posted and cannot be deleted. Take it back instead.",
                    expenses=", ".join(posted.mapped("name")),
                )
            )

    @api.model
    def _refuse(self, names):
        raise AccessError(
            self.env._(
                "%(fields)s can't be written: they follow from posting the expense.",
                fields=", ".join(sorted(self._fields[name]._description_string(self.env) for name in names)),
            )
        )

    # === BUSINESS === #

    @api.model
    def _user_may_post(self):
        return self.env.su or any(self.env.user.has_group(group) for group in GROUPS_POST)

    def _check_may_post(self):
        self.check_access("write")
        if not self._user_may_post():
            raise AccessError(
                self.env._("Expenses are posted by sales managers and accounting: ask them to look at yours.")
            )

    def action_post(self):
        """Post the expenses: from now on they count and stay as they are."""
        self._check_may_post()
        drafts = self.filtered(lambda expense: expense.state == "draft")
        if not drafts:
            raise UserError(self.env._("Nothing to post: the expenses are posted already."))
        drafts._post()
        return True

    def _post(self):
        now = fields.Datetime.now()
        today = {company: company._customer_today() for company in self.company_id}
        for expense in self.sudo():
            if expense.date > today[expense.company_id]:
                raise UserError(
                    self.env._(
                        "An expense of %(date)s lies in the future: it can't be posted yet.",
                        date=format_date(self.env, expense.date),
                    )
                )
            # The rate may have been corrected since.
            expense._compute_amount_company()
            expense.write(
                {
                    "name": self.env["ir.sequence"].with_company(expense.company_id).next_by_code("customer.expense"),
                    "state": "posted",
                    "posted_by": self.env.uid,
                    "posted_date": now,
                }
            )

    def action_take_back(self):
        """Take posted expenses back, each by a negative one of today that is posted at once."""
        self._check_may_post()
        expenses = self.filtered(lambda expense: expense.state == "posted" and not expense.reversed_id)
        if not expenses or expenses.reversal_ids:
            raise UserError(self.env._("Only posted expenses that were not taken back yet can be taken back."))
        reversals = self.sudo().create(
            [
                {
                    "company_id": expense.company_id.id,
                    "partner_id": expense.partner_id.id,
                    "date": expense.company_id._customer_today(),
                    "kind_id": expense.kind_id.id,
                    "amount": -expense.amount,
                    "currency_id": expense.currency_id.id,
                    "reference": expense.reference,
                    "note": self.env._("Takes back %s.", expense.name),
                    "user_id": self.env.uid,
                    "reversed_id": expense.id,
                }
                for expense in expenses
            ]
        )
        reversals._post()
        return True
