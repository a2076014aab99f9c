from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

TABLE_FIELDS = frozenset({"company_id", "date_from", "line_ids", "state"})


class Proposal(NamedTuple):
    """What a credit standard says about a customer."""

    line: object  # credit.standard.line, empty where the standard says nothing
    limit: float  # company currency
    days: int
    held_back: str  # why nothing is proposed: no_standard, no_sales, or empty
    class_factor: float | None = None  # per cent by which the customer's class changed the limit


class CustomerClass(NamedTuple):
    """What the class of a customer says to a credit standard.

    :param str name: lines of the table may name it
    :param factor: per cent by which a line for all classes is multiplied; None: as it is
    """

    name: str
    factor: float | None = None


class CreditStandard(models.Model):
    """A dated table from grade, and class where there are classes, to limit and payment days (C4).

    What is in force stays as it is: the next change is the next version, from its own day on.
    """

    _name = "credit.standard"
    _description = "Credit Standard"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies without one of their own.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    date_from = fields.Date("In Force From", required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("draft", "Draft"), ("in_force", "In Force"), ("withdrawn", "Withdrawn")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many("credit.standard.line", "standard_id", string="Table", copy=True)
    note = fields.Text(translate=True)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for standard in self:
            standard.currency_id = (standard.company_id or self.env.company).currency_id

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "state": "draft"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if TABLE_FIELDS & vals.keys() and not self.env.su:
            if "state" in vals:
                raise AccessError(self.env._("A credit standard is put in force by its button."))
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        self._check_draft()

    def _check_draft(self):
        for standard in self:
            if standard.state != "draft":
                raise UserError(
                    self.env._("“%s” was put in force and is kept as it is. Make a new version.", standard.name)
                )

    # === BUSINESS METHODS === #

    @api.model
    def _current(self, company, date):
        """Return the standard in force in ``company`` on ``date``: its own before that of all companies."""
        found = self.sudo().search(
            [("state", "=", "in_force"), ("date_from", "<=", date), ("company_id", "in", (company.id, False))]
        )
        own = found.filtered("company_id")
        return (own or found)[:1]

    @api.model
    def _customer_classes(self, customers, company):
        """Hook: return {customer id: CustomerClass} of who has one; here there are no classes."""
        return {}

    def _propose(self, grade, average, currency, customer_class=None):
        """Return the Proposal for a customer.

        :param str grade: of the assessment
        :param float average: average monthly sales in company currency, None where there is no data
        :param currency: company currency
        :param customer_class: CustomerClass: a line that names it comes before one for all, which its factor changes
        """
        return self._proposal(self._line_for(grade, customer_class), average, currency, customer_class)

    def _line_for(self, grade, customer_class=None):
        """Return the line of a grade and class, empty where the table has none."""
        lines = self.line_ids.filtered(lambda line: line.grade == grade)
        return (
            lines.filtered(lambda line: customer_class and line.customer_class == customer_class.name)
            or lines.filtered(lambda line: not line.customer_class)
        )[:1]

    @api.model
    def _proposal(self, line, average, currency, customer_class=None):
        """Return the Proposal of a line; see ``_propose``."""
        if not line:
            return Proposal(line, 0.0, 0, "no_standard")
        if line.method == "sales" and line.factor and average is None:
            return Proposal(line, 0.0, line.days, "no_sales")
        factor = customer_class.factor if customer_class and not line.customer_class else None
        return Proposal(line, line._limit(average or 0.0, currency, factor), line.days, "", factor)

    # === ACTION METHODS === #

    def _check_manager(self):
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Credit standards are set by credit managers only."))

    def action_put_in_force(self):
        """Put drafts in force from their day on."""
        self._check_manager()
        self.check_access("write")
        self._check_draft()
        for standard in self:
            if not standard.line_ids:
                raise UserError(self.env._("“%s” has no lines.", standard.name))
            if self.sudo().search_count(
                [
                    ("state", "=", "in_force"),
                    ("company_id", "=", standard.company_id.id),
                    ("date_from", "=", standard.date_from),
                    ("id", "!=", standard.id),
                ],
                limit=1,
            ):
                raise UserError(
                    self.env._("Another standard is in force from %s on. Choose another day.", standard.date_from)
                )
        self.sudo().write({"state": "in_force"})
        return True

    def action_withdraw(self):
        """Take standards out of force; the one before holds again."""
        self._check_manager()
        self.check_access("write")
        self.filtered(lambda standard: standard.state == "in_force").sudo().write({"state": "withdrawn"})
        return True

    def action_new_version(self):
        """Make a draft from this one and open it."""
        self.ensure_one()
        self._check_manager()
        draft = self.copy(
            {
                "date_from": fields.Date.context_today(self),
                "name": self.name,
                "line_ids": [Command.create(line.copy_data()[0]) for line in self.line_ids],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }


class CreditStandardLine(models.Model):
    """What a grade is granted."""

    _name = "credit.standard.line"
    _description = "Credit Standard Line"
    _order = "standard_id, sequence, id"
    _rec_name = "grade"

    standard_id = fields.Many2one("credit.standard", required=True, index=True, ondelete="cascade")
    state = fields.Selection(related="standard_id.state")
    company_id = fields.Many2one(related="standard_id.company_id")
    currency_id = fields.Many2one(related="standard_id.currency_id")
    sequence = fields.Integer(default=10)
    grade = fields.Char(required=True, help="Grade of the credit assessment, such as AAA.")
    customer_class = fields.Char(help="Empty: customers of every class.")
    method = fields.Selection(
        [("sales", "Share of Sales"), ("fixed", "Fixed Amount")],
        string="Limit By",
        required=True,
        default="sales",
        help="Share of sales: average monthly sales x days / 30 x factor, up to the cap.",
    )
    amount = fields.Monetary("Fixed Limit", help="In company currency.")
    factor = fields.Float("Factor (%)", digits=(16, 2), aggregator=None)
    cap = fields.Monetary("At Most", help="In company currency; zero: no cap.")
    days = fields.Integer("Payment Days", aggregator=None)

    _line_unique = models.UniqueIndex(
        "(standard_id, grade, COALESCE(customer_class, ''))", "A grade and class stands in the table once."
    )

    @api.constrains("amount", "factor", "cap", "days")
    def _check_values(self):
        for line in self:
            if min(line.amount, line.factor, line.cap, line.days) < 0:
                raise ValidationError(
                    self.env._("Amounts, factor and days of grade %s can't be below zero.", line.grade)
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_open_only(self):
        self._check_open()

    def _check_open(self):
        if not self.env.su:
            self.standard_id._check_draft()

    def _raw_limit(self, average, currency, class_factor=None):
        """Return the limit before the cap, exact and rounded once, half up: the fixed amount, or average monthly sales
        x days / 30 x factor; either times the factor of the customer's class, in per cent, where it has one.
        """
        digits = Decimal(1).scaleb(-currency.decimal_places)
        if self.method == "fixed":
            exact = Decimal(str(self.amount))
        else:
            exact = Decimal(str(average)) * self.days * Decimal(str(self.factor)) / 3000
        if class_factor is not None:
            exact = exact * Decimal(str(class_factor)) / 100
        return float(max(exact, Decimal(0)).quantize(digits, ROUND_HALF_UP))

    def _limit(self, average, currency, class_factor=None):
        """Return the limit of this line in company currency."""
        limit = self._raw_limit(average, currency, class_factor)
        return min(limit, self.cap) if self.cap else limit
