import pytz

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_sales_basis = fields.Selection(
        selection=[("order", "Confirmed orders"), ("invoice", "Posted invoices")],
        string="Customer Sales Basis",
        default="order",
        required=True,
        help="The documents that every sales and margin figure of a customer is made of in this company. "
        "Credit notes are deducted either way.",
        prefetch="customer_metrics",
    )
    customer_rhythm_shape = fields.Integer(
        readonly=True,
        help="Regularity k, 1 to 6, of the gaps between the purchase days of this company's customers.",
        prefetch="customer_metrics",
    )
    customer_rhythm_r = fields.Float(
        digits=0,
        readonly=True,
        help="Shape of the distribution of the purchase rates of this company's customers.",
        prefetch="customer_metrics",
    )
    customer_rhythm_alpha = fields.Float(
        digits=0,
        readonly=True,
        help="Rate, in days, of the distribution of the customers' purchase rates.",
        prefetch="customer_metrics",
    )
    customer_rhythm_date = fields.Date(
        readonly=True,
        help="Day on which the rhythm of all customers was last measured.",
        prefetch="customer_metrics",
    )

    def _customer_timezone(self):
        """Return the name of the time zone on whose clock a day of this company begins."""
        self.ensure_one()
        return self.sudo().partner_id.tz or "UTC"

    def _customer_today(self):
        """Return the present day on the clock of this company."""
        self.ensure_one()
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._customer_timezone())).date()
