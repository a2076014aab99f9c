from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import format_amount, formatLang

from .complaint_deadline import DEADLINES

# How figures are told; what isn't named here is told as it stands.
MONEY = frozenset({"amount", "cap", "cost", "value", "material_cost", "work_cost"})
MOMENTS = frozenset({f"{kind}_deadline" for kind, _label in DEADLINES})
# {figure: (model, field)} whose labels of values a figure is told by.
SELECTED = {
    **{
        name: ("complaint.complaint", field)
        for name, field in (
            ("severity", "severity"),
            ("complexity", "complexity"),
            ("responsibility", "responsibility"),
            ("decision", "decision"),
            ("response", "customer_response"),
        )
    },
    "kind": ("complaint.remedy", "kind"),
    "condition": ("complaint.remedy", "condition"),
    "notice": ("complaint.notice", "kind"),
}


class ComplaintStep(models.Model):
    """The figures that a step rested on, as people read them: on the form and in the printed file."""

    _inherit = "complaint.step"

    figures_text = fields.Text(
        "Figures", compute="_compute_figures_text", help="What the step rested on, as it was then."
    )

    @api.depends("figures")
    @api.depends_context("lang", "tz")
    def _compute_figures_text(self):
        labels = self._figure_labels()
        names = {step.figures["currency"] for step in self if (step.figures or {}).get("currency")}
        found = self.env["res.currency"].with_context(active_test=False).search([("name", "in", list(names))])
        currencies = {currency.name: currency for currency in found}
        for step in self:
            figures = step.figures or {}
            currency = currencies.get(figures.get("currency")) or step.company_id.sudo().currency_id
            rows = Teller(self.env, labels, currency).rows(figures)
            step.figures_text = "\n".join(
                self.env._("%(figure)s: %(value)s", figure=label, value=text) for label, text in rows
            )

    def _figure_labels(self):
        """Return {figure: its label}, in the order in which figures are told."""
        return {
            "subject": self.env._("Subject"),
            "lines": self.env._("Lines"),
            "severity": self.env._("Severity"),
            "complexity": self.env._("Complexity"),
            "impact": self.env._("Impact"),
            "acknowledge_deadline": self.env._("Acknowledge Until"),
            "answer_deadline": self.env._("Answer Until"),
            "solution_deadline": self.env._("Solve Until"),
            "investigator": self.env._("Investigator"),
            "findings": self.env._("Findings"),
            "cause": self.env._("Cause"),
            "responsibility": self.env._("Responsibility"),
            "cost": self.env._("Cost"),
            "decision": self.env._("Decision"),
            "amount": self.env._("Amount"),
            "cap": self.env._("Cap of the Decider"),
            "first_signature": self.env._("First Signature"),
            "decided_by": self.env._("Decided By"),
            "response": self.env._("Customer's Answer"),
            "kind": self.env._("Remedy"),
            "product": self.env._("Product"),
            "quantity": self.env._("Quantity"),
            "value": self.env._("Value"),
            "exception": self.env._("Reason of the Exception"),
            "problems": self.env._("Outside the Policy"),
            "materials": self.env._("Materials"),
            "material_cost": self.env._("Cost of Materials"),
            "hours": self.env._("Hours of Work"),
            "work_cost": self.env._("Cost of Work"),
            "documents": self.env._("Documents"),
            "condition": self.env._("Condition"),
            "notice": self.env._("Told By"),
            "person": self.env._("Who Was Told"),
            "content": self.env._("What Was Told"),
            "from": self.env._("From"),
            "to": self.env._("To"),
            "remedies": self.env._("Remedies"),
            "files": self.env._("Files"),
        }


class Teller:
    """Tells figures of one step in the language of an environment, amounts in one currency."""

    def __init__(self, env, labels, currency):
        self.env, self.labels, self.currency = env, labels, currency

    def rows(self, figures):
        """Return [(label, text)] in the order of the labels; what has no value is left out, a zero isn't."""
        rows = []
        for name, label in self.labels.items():
            value = figures.get(name)
            if value is None or value is False or value in ("", []):
                continue
            if name == "remedies":
                rows += [(label, self.remedy(row)) for row in value]
            elif name == "files":
                rows += [(label, self.file(row)) for row in value]
            elif (name, value) != ("quantity", 0) and (text := self.text(name, value)):
                # Money that is given has no quantity; a draft has no number.
                rows.append((label, text))
        return rows

    def text(self, name, value):
        if name in MONEY:
            return self.money(value)
        if name in MOMENTS:
            return format_datetime(self.env, fields.Datetime.to_datetime(value), dt_format="short")
        if name in SELECTED:
            model, field = SELECTED[name]
            return dict(self.env[model]._fields[field]._description_selection(self.env)).get(value, str(value))
        if name == "materials":
            return "; ".join(f"{row['product']} × {row['quantity']:g} ({self.money(row['cost'])})" for row in value)
        if isinstance(value, list):
            return "; ".join(str(one) for one in value if one)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def money(self, value):
        return format_amount(self.env, value, self.currency)

    def remedy(self, row):
        parts = [self.text("kind", row["kind"])]
        if row.get("product"):
            parts.append(f"{row['product']} × {row['quantity']:g}" if row.get("quantity") else row["product"])
        parts += [self.money(row["value"]), self.text("documents", row.get("documents") or []), row.get("exception")]
        return " · ".join(filter(None, parts))

    def file(self, row):
        size = formatLang(self.env, (row.get("size") or 0) / 1024, digits=1)
        return f"{row['name']} ({size} kB, SHA-1 {row['sha1']})"
