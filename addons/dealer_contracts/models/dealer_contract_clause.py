import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context

from .paper_words import LANGUAGES, PARTS

VARIABLE = re.compile(r"\{(\w*)\}")


class DealerContractClause(models.Model):
    """A clause of the library: what the firm stands by, in approved, dated versions (D1)."""

    _name = "dealer.contract.clause"
    _description = "Contract Clause"
    _inherit = ["mail.thread"]
    _order = "part, lang, name"
    _check_company_auto = True

    name = fields.Char(required=True, help="The heading of the clause on the paper.")
    code = fields.Char(help="Short name by which people find the clause.")
    part = fields.Selection(PARTS, required=True, index=True)
    lang = fields.Selection(LANGUAGES, string="Language", required=True, default="zh_CN")
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")
    active = fields.Boolean(default=True)
    version_ids = fields.One2many("dealer.contract.clause.version", "clause_id", string="Versions")
    version_id = fields.Many2one(
        "dealer.contract.clause.version",
        string="Approved Version",
        compute="_compute_version_id",
        store=True,
        help="The approved version with the highest number; new contracts take it.",
    )
    body = fields.Text(related="version_id.body", string="Text")
    approved_on = fields.Date(related="version_id.approved_on")

    @api.depends("version_ids.state", "version_ids.number")
    def _compute_version_id(self):
        for clause in self:
            approved = clause.version_ids.filtered(lambda version: version.state == "approved")
            clause.version_id = approved.sorted("number")[-1:]

    def action_new_version(self):
        """Open a draft of the next version, beginning with the text of the last."""
        self.ensure_one()
        self.check_access("write")
        draft = self.version_ids.filtered(lambda version: version.state == "draft")[:1]
        if not draft:
            draft = self.env["dealer.contract.clause.version"].create({"clause_id": self.id, "body": self.body or ""})
        return {
            "type": "ir.actions.act_window",
            "res_model": draft._name,
            "res_id": draft.id,
            "view_mode": "form",
            "target": "new",
        }


class DealerContractClauseVersion(models.Model):
    """A wording of a clause. Approved, it never changes again.

    The text is plain. What stands in braces is a variable, replaced by the data of the contract; nothing in it is ever
    run or fetched. Each line is a paragraph of the paper.
    """

    _name = "dealer.contract.clause.version"
    _description = "Version of a Clause"
    _order = "clause_id, number desc"
    _rec_name = "number"

    clause_id = fields.Many2one("dealer.contract.clause", required=True, index=True, ondelete="cascade")
    number = fields.Integer("Version", readonly=True, copy=False)
    body = fields.Text("Text", required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Date(readonly=True, copy=False)
    note = fields.Char("Reason of the Change")

    _number_unique = models.Constraint("UNIQUE (clause_id, number)", "A version of a clause is numbered once.")

    @api.depends("number", "clause_id.name")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.clause_id.name} {version.number}"

    @api.constrains("body")
    def _check_variables(self):
        known = self.env["dealer.contract"]._variable_names()
        for version in self:
            unknown = sorted(set(VARIABLE.findall(version.body or "")) - known)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "“%(clause)s” has variables that don't exist: %(unknown)s. There are: %(known)s",
                        clause=version.clause_id.name,
                        unknown=", ".join(f"{{{name}}}" for name in unknown),
                        known=", ".join(f"{{{name}}}" for name in sorted(known)),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        numbers = {}
        clauses = self.env["dealer.contract.clause"].browse(vals["clause_id"] for vals in vals_list)
        for clause in clauses:
            numbers.setdefault(clause.id, max(clause.version_ids.mapped("number"), default=0))
        for vals in vals_list:
            numbers[vals["clause_id"]] += 1
            vals["number"] = numbers[vals["clause_id"]]
            if not self.env.su:
                vals.update(state="draft", approved_by=False, approved_on=False)
        blank = self if self.env.su else self.with_context(clean_context(self.env.context))
        return super(DealerContractClauseVersion, blank).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su and vals.keys() - {"body", "note"}:
            raise AccessError(self.env._("Versions of clauses are approved by their button."))
        if vals.keys() & {"body", "clause_id", "number"}:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_draft()

    def _check_draft(self):
        for version in self:
            if version.state != "draft":
                raise UserError(
                    self.env._("%s is approved and stays as it is. Make a new version.", version.display_name)
                )

    def action_approve(self):
        """Approve versions: contracts made from now on take them; those before keep theirs.

        :raise AccessError: for who isn't a contract manager or in legal approval
        """
        user = self.env.user
        if not (
            user.has_group("dealer_contracts.group_contract_manager")
            or user.has_group("dealer_contracts.group_contract_legal")
        ):
            raise AccessError(self.env._("Clauses are approved by contract managers and legal approvers."))
        self._check_draft()
        versions = self.sudo()
        versions.clause_id.version_ids.filtered(lambda version: version.state == "approved").write({"state": "retired"})
        versions.write({"state": "approved", "approved_by": user.id, "approved_on": fields.Date.context_today(self)})
        return True

    def _approve_shipped(self):
        """Approve the versions that come with an addon."""
        self.filtered(lambda version: version.state == "draft").sudo().write(
            {"state": "approved", "approved_by": self.env.uid, "approved_on": fields.Date.today()}
        )
