from odoo import api, fields, models

from .paper_words import LANGUAGES


class DealerContractTemplate(models.Model):
    """A standard contract: clauses of the library in order, and the standard terms (D1)."""

    _name = "dealer.contract.template"
    _description = "Contract Template"
    _inherit = ["dealer.contract.terms", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")
    lang = fields.Selection(LANGUAGES, string="Language", required=True, default="zh_CN")
    kind = fields.Selection(
        [("sale", "Sale Contract"), ("framework", "Framework")],
        required=True,
        default="sale",
        help="A sale contract lists its products with quantities; a framework is for a period, and orders under it say"
        " how much.",
    )
    title = fields.Char(required=True, help="Printed on the cover, in the language of the contract.")
    cover = fields.Boolean(
        "Cover and Contents", default=True, help="For long contracts: a cover and a table of contents."
    )
    line_ids = fields.One2many("dealer.contract.template.line", "template_id", string="Clauses", copy=True)
    route_id = fields.Many2one("dealer.contract.route", string="Route of Approval", check_company=True)
    note = fields.Text("When to Use", translate=True)

    def action_contracts(self):
        """Open the contracts made from a template."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "dealer.contract",
            "view_mode": "list,form",
            "domain": [("template_id", "=", self.id)],
            "context": {"default_template_id": self.id},
        }


class DealerContractTemplateLine(models.Model):
    _name = "dealer.contract.template.line"
    _description = "Clause of a Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("dealer.contract.template", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    clause_id = fields.Many2one(
        "dealer.contract.clause", required=True, ondelete="restrict", domain="[('lang', '=', parent.lang)]"
    )
    part = fields.Selection(related="clause_id.part")
    version_id = fields.Many2one(related="clause_id.version_id")

    @api.depends("clause_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.clause_id.name
