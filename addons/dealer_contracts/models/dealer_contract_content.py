from odoo import api, fields, models
from odoo.exceptions import UserError

from .paper_words import PARTS
from .word_diff import as_html, word_diff


class DealerContractContent(models.AbstractModel):
    """Rows that are part of what a contract says: they change with drafts alone, whoever changes them."""

    _name = "dealer.contract.content"
    _description = "Content of a Contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)

    def _late_fields(self):
        """Hook: the fields that may change after the draft, since they aren't part of what is agreed."""
        return frozenset()

    def _check_draft(self):
        contracts = self.sudo().contract_id
        for contract in contracts:
            if contract.state != "draft":
                raise UserError(self.env._("%s isn't a draft: what it says is kept as it is.", contract.display_name))
        contracts._note_author()

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_draft()
        return rows

    def write(self, vals):
        if vals.keys() - self._late_fields():
            self._check_draft()
        result = super().write(vals)
        if "contract_id" in vals:
            self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        self._check_draft()

    def export_data(self, fields_to_export):
        """Note who takes what contracts say out of the house."""
        result = super().export_data(fields_to_export)
        self.sudo().contract_id.with_env(self.env)._note_reading("export")
        return result


class DealerContractLine(models.Model):
    """A product of a contract (D1, part 1)."""

    _name = "dealer.contract.line"
    _description = "Product of a Contract"
    _inherit = ["dealer.contract.content"]

    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", domain="[('sale_ok', '=', True)]"
    )
    name = fields.Char("Description", compute="_compute_product", store=True, readonly=False, precompute=True)
    brand = fields.Char("Brand / Maker")
    specification = fields.Char(compute="_compute_product", store=True, readonly=False, precompute=True)
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_product",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    quantity = fields.Float(digits="Product Unit", default=0.0)
    price_unit = fields.Float(
        "Unit Price", digits="Product Price", help="Taxes included, in the currency of the contract."
    )
    price_subtotal = fields.Monetary("Amount", compute="_compute_subtotal", store=True)

    @api.depends("product_id")
    def _compute_product(self):
        for line in self:
            product = line.product_id
            line.name = product.name
            line.specification = (
                ", ".join(product.product_template_attribute_value_ids.mapped("name")) or line.specification or ""
            )
            line.uom_id = product.uom_id

    @api.depends("quantity", "price_unit", "currency_id")
    def _compute_subtotal(self):
        for line in self:
            line.price_subtotal = line.currency_id.round(line.quantity * line.price_unit)

    def _problems(self):
        """Return what a line lacks, as words."""
        self.ensure_one()
        problems = []
        if not self.brand:
            problems.append(self.env._("brand"))
        if not self.specification:
            problems.append(self.env._("specification"))
        if self.contract_id.kind == "sale" and self.quantity <= 0:
            problems.append(self.env._("quantity"))
        if self.price_unit <= 0:
            problems.append(self.env._("price"))
        return problems


class DealerContractArticle(models.Model):
    """The text of a part in a contract: a copy of the standard clause, which may be negotiated (D1).

    The reviewer sees word by word where it departs from the standard.
    """

    _name = "dealer.contract.article"
    _description = "Article of a Contract"
    _inherit = ["dealer.contract.content"]

    part = fields.Selection(PARTS, required=True)
    title = fields.Char(required=True)
    version_id = fields.Many2one(
        "dealer.contract.clause.version", string="Standard Clause", ondelete="restrict", index="btree_not_null"
    )
    body = fields.Text("Text", required=True, help="Variables stand in braces; each line is a paragraph.")
    deviates = fields.Boolean(compute="_compute_deviates", store=True)
    newer = fields.Boolean("Newer Standard", compute="_compute_newer", help="The library has a newer approved wording.")
    difference = fields.Html(compute="_compute_difference", help="What departs from the standard clause.")
    text = fields.Text("As Printed", compute="_compute_text")
    problems = fields.Text("Missing", compute="_compute_problems")

    @api.depends("body", "part", "version_id.state", "version_id.clause_id.part")
    def _compute_deviates(self):
        """The standard is what was approved for this part; a draft of a clause is none."""
        for article in self:
            version = article.version_id
            approved = version.state in ("approved", "retired") and version.clause_id.part == article.part
            article.deviates = not approved or (article.body or "").strip() != (version.body or "").strip()

    @api.depends("version_id.clause_id.version_id")
    def _compute_newer(self):
        for article in self:
            current = article.version_id.clause_id.version_id
            article.newer = bool(current) and current != article.version_id

    @api.depends("body", "version_id")
    def _compute_difference(self):
        for article in self:
            article.difference = (
                as_html(word_diff(article.version_id.body, article.body)) if article.deviates else False
            )

    @api.depends("body", "contract_id.state")
    def _compute_text(self):
        for contract, articles in self.grouped("contract_id").items():
            texts = contract._article_texts()
            for article in articles:
                article.text = texts.get(article._origin.id or article.id, "")

    def _compute_problems(self):
        for contract, articles in self.grouped("contract_id").items():
            problems = contract._part_problems()
            shown = set()
            for article in articles.sorted("sequence"):
                # A part of several clauses shows its problems once.
                lacking = [] if article.part in shown else problems.get(article.part, [])
                shown.add(article.part)
                article.problems = "\n".join(lacking)

    def _read_format(self, fnames, load="_classic_read"):
        """Note who asks a program for the text, by whichever method; it is opened on the screen with its contract."""
        result = super()._read_format(fnames, load)
        if not self.env.su and not {"body", "text", "difference"}.isdisjoint(fnames):
            self.sudo().contract_id.with_env(self.env)._note_reading("data")
        return result

    def action_take_newer(self):
        """Take over the newest approved wording of the standard clauses."""
        for article in self:
            version = article.version_id.clause_id.version_id
            if version:
                article.write({"version_id": version.id, "body": version.body, "title": version.clause_id.name})
        return True
