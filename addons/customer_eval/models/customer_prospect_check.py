from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .customer_prospect_combination import CLASSES

ANSWERS = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known yet")]
QUESTIONS = ("money", "authority", "need")


class CustomerProspectCheck(models.Model):
    """Money, authority and need of a prospect on one day (E6).

    As long as an answer is missing there is no class, and the check says which question is open.
    """

    _name = "customer.prospect.check"
    _description = "Prospect Check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Prospect", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    date = fields.Date(required=True, default=lambda self: self.env.company._customer_today(), tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Checked By",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    money = fields.Selection(ANSWERS, required=True, default="unknown", tracking=True, help="Can it pay?")
    authority = fields.Selection(
        ANSWERS, required=True, default="unknown", tracking=True, help="Does the person we talk with decide?"
    )
    need = fields.Selection(ANSWERS, required=True, default="unknown", tracking=True, help="Does it need what we sell?")
    money_note = fields.Char("How We Know (Money)")
    authority_note = fields.Char("How We Know (Authority)")
    need_note = fields.Char("How We Know (Need)")
    combination_id = fields.Many2one(
        "customer.prospect.combination",
        compute="_compute_combination_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    prospect_class = fields.Selection(
        CLASSES,
        string="Class",
        compute="_compute_prospect_class",
        store=True,
        precompute=True,
        tracking=True,
    )
    advice = fields.Text(compute="_compute_advice")
    next_step = fields.Text(compute="_compute_next_step", help="The advice, or what has to be found out before.")
    open_questions = fields.Char(compute="_compute_open_questions", help="What has to be found out first.")
    note = fields.Text("Notes")

    # === COMPUTE METHODS === #

    @api.depends(*QUESTIONS)
    def _compute_combination_id(self):
        combinations = {
            tuple(combination[name] for name in QUESTIONS): combination
            for combination in self.env["customer.prospect.combination"].sudo().search([])
        }
        for check in self:
            answers = [check[name] for name in QUESTIONS]
            known = all(answer in ("yes", "no") for answer in answers)
            check.combination_id = known and combinations.get(tuple(answer == "yes" for answer in answers))

    @api.depends("combination_id")
    def _compute_prospect_class(self):
        # A check keeps the class it was given, even if the combination is judged otherwise later.
        for check in self:
            check.prospect_class = check.combination_id.prospect_class

    @api.depends("combination_id.advice")
    @api.depends_context("lang")
    def _compute_advice(self):
        for check in self:
            check.advice = check.combination_id.advice

    @api.depends("advice", "open_questions")
    @api.depends_context("lang")
    def _compute_next_step(self):
        for check in self:
            check.next_step = check.open_questions or check.advice

    @api.depends(*QUESTIONS)
    @api.depends_context("lang")
    def _compute_open_questions(self):
        questions = {
            "money": self.env._("Money: can it pay?"),
            "authority": self.env._("Authority: does the person we talk with decide?"),
            "need": self.env._("Need: does it need what we sell?"),
        }
        for check in self:
            unknown = [questions[name] for name in QUESTIONS if check[name] not in ("yes", "no")]
            check.open_questions = " ".join(unknown)

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for check in self:
            parts = [check.partner_id.display_name, format_date(self.env, check.date)]
            check.display_name = " \N{MIDDLE DOT} ".join(filter(None, parts))

    # === CONSTRAINTS === #

    @api.constrains("date", "company_id")
    def _check_date(self):
        for check in self:
            if check.date > check.company_id._customer_today():
                raise ValidationError(
                    self.env._(
                        "%(date)s lies ahead: a check says what is known today.",
                        date=format_date(self.env, check.date),
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._entity_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._entity_vals(vals))

    @api.model
    def _entity_vals(self, vals):
        """Return ``vals`` with the commercial entity in place of its contact or branch."""
        if not vals.get("partner_id"):
            return vals
        partner = self.env["res.partner"].browse(vals["partner_id"])
        return {**vals, "partner_id": partner.commercial_partner_id.id}
