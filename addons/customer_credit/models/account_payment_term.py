from odoo import api, models, tools


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    @api.model
    @tools.ormcache("term_id")
    def _credit_days(self, term_id):
        """Return the longest time, in days, that a payment term gives the customer.

        Terms up to the end of a month count with its longest course (31 days a month).
        """
        return max((line._credit_days() for line in self.sudo().browse(term_id).line_ids), default=0)

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env.registry.clear_cache()
        return lines

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _credit_days(self):
        self.ensure_one()
        if self.delay_type == "days_after_end_of_month":
            return self.nb_days + 30
        if self.delay_type == "days_after_end_of_next_month":
            return self.nb_days + 61
        if self.delay_type == "days_end_of_month_on_the":
            day = int(self.days_next_month) if (self.days_next_month or "").isnumeric() else 1
            return self.nb_days + 30 + day
        return self.nb_days

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result
