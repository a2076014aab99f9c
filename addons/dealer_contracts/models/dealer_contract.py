from odoo import fields, models

STATES = [
    ("draft", "Draft"),
    ("review", "In Approval"),
    ("approved", "Approved"),
    ("sent", "Sent"),
    ("signed", "Signed"),
    ("filed", "Filed"),
    ("in_force", "In Force"),
    ("expired", "Expired"),
    ("terminated", "Terminated"),
    ("cancelled", "Cancelled"),
]


class DealerContract(models.Model):
    """A contract with a dealer (D1-D5)."""

    _name = "dealer.contract"
    _description = "Dealer Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    date_start = fields.Date("In Force From")
    date_end = fields.Date("In Force Until", help="The first day on which the contract is no longer in force.")
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, index=True, copy=False)
    exclusive = fields.Boolean()
    area_ids = fields.Many2many("dealer.area", string="Areas")
    category_ids = fields.Many2many("product.category", string="Product Range")
    pricelist_id = fields.Many2one("product.pricelist", check_company=True)
    payment_term_id = fields.Many2one("account.payment.term", check_company=True)
    template_id = fields.Many2one("dealer.contract.template", check_company=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Owner", required=True, default=lambda self: self.env.user)
    custodian_id = fields.Many2one("res.users", string="Custodian")


class DealerContractTemplate(models.Model):
    _name = "dealer.contract.template"
    _description = "Contract Template"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company")
