from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    scorecard_id = fields.Many2one(
        "customer.scorecard",
        string="Overdue Evaluation",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        groups="customer_scorecard.group_scorecard_reader",
        help="The evaluation after which the next one is due.",
    )
