from odoo import models


class CustomerScorecard(models.Model):
    _name = "customer.scorecard"
    _inherit = ["customer.scorecard", "customer.tier.mixin"]
