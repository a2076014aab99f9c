from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    eval_template_id = fields.Many2one(
        "customer.scorecard.template",
        string="Evaluation of Customers",
        ondelete="restrict",
        help="The scorecard whose latest approved result is the customer's grade and decision. "
        "Empty: the dealer evaluation that comes with the addon.",
        prefetch="customer_eval",
    )
    eval_half_life_months = fields.Integer(
        string="Half-Life (Months)",
        default=12,
        required=True,
        help="After so many months an evaluation or a reputation event counts for half in the trend.",
        prefetch="customer_eval",
    )
    eval_chase = fields.Selection(
        [
            ("salesperson", "The customer's salesperson"),
            ("evaluator", "Whoever evaluated last"),
            ("person", "One person"),
        ],
        string="Overdue Evaluations Go To",
        default="salesperson",
        required=True,
        help="Who gets the activity when an evaluation is due. If that person is missing, the other one gets it.",
        prefetch="customer_eval",
    )
    eval_chase_user_id = fields.Many2one(
        "res.users", string="Person Who Is Reminded", domain=[("share", "=", False)], prefetch="customer_eval"
    )

    @api.constrains("eval_half_life_months")
    def _check_eval_half_life_months(self):
        for company in self:
            if company.eval_half_life_months < 1:
                raise ValidationError(
                    self.env._(
                        "The half-life of %(company)s is %(months)s months; it has to be one month at least.",
                        company=company.name,
                        months=company.eval_half_life_months,
                    )
                )

    def _eval_template(self):
        """Return the template that decides about this company's customers; empty if there is none any more."""
        self.ensure_one()
        template = self.sudo().eval_template_id
        if not template:
            # What is frozen stays, so nobody has to look whether it is still there.
            shipped_id = self.env["ir.model.data"]._xmlid_to_res_id("customer_eval.scorecard_template_dealer")
            template = template.browse(shipped_id)
        return template
