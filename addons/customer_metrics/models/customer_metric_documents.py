from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

LIST_FIRST = [(False, "list"), (False, "pivot"), (False, "graph")]
PURCHASES = Domain("kind", "in", ["order", "invoice"])


class CustomerMetric(models.Model):
    """The documents behind each figure: ``_documents_of_<source>(customer, date_to, months)``, called on the metric,
    returns an action whose rows add up to the figure. See :meth:`_documents_action`."""

    _inherit = "customer.metric"

    @api.model
    def _window_domain(self, date_from, date_to, field_name="date"):
        domain = Domain(field_name, "<", fields.Date.to_string(date_to))
        return domain & Domain(field_name, ">=", fields.Date.to_string(date_from)) if date_from else domain

    @api.model
    def _rows_action(self, xmlid, customer, domain, **values):
        """Return the action `xmlid`, on rows of a customer in the present company that match a domain."""
        own = Domain("partner_id", "=", customer.id) & Domain("company_id", "=", self.env.company.id)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(xmlid),
            "domain": list(own & domain),
            "context": {},
            "views": LIST_FIRST,
            **values,
        }

    # === TRADE === #

    def _documents_of_trade(self, customer, date_to, months):
        """The orders, invoices and credit notes of the window.

        Of the growth also those of the window a year earlier, grouped by month; of the figures on the rhythm the
        purchases that they look back on; of the product breadth the lines, by product.
        """
        date_from = date_to - relativedelta(months=months)
        xmlid = "customer_metrics.customer_trade_document_action"
        if self.code == "product_breadth":
            return self._product_lines_action(customer, date_from, date_to)
        domain, context = self._window_domain(date_from, date_to), {}
        if self.code == "growth":
            year = relativedelta(years=1)
            domain |= self._window_domain(date_from - year, date_to - year)
            context = {"group_by": ["date:month"]}
        elif self.code == "orders":
            domain &= PURCHASES
        elif self.code == "days_since_order":
            domain = self._window_domain(None, date_to) & PURCHASES
        elif self.code in ("usual_interval", "silence_probability"):
            days = self._purchase_days(customer, date_to).get(customer.id)
            domain = self._window_domain(days[0] if days else date_from, date_to) & PURCHASES
        return self._rows_action(xmlid, customer, domain, context=context)

    def _product_lines_action(self, customer, date_from, date_to):
        company = self.env.company
        if company.customer_sales_basis == "invoice":
            xmlid, day = "customer_metrics.account_move_line_action_customer", "move_id.invoice_date"
            domain = (
                Domain("move_id.company_id", "=", company.id)
                & Domain("move_id.partner_id.commercial_partner_id", "=", customer.id)
                & Domain("move_id.move_type", "in", ["out_invoice", "out_receipt"])
                & Domain("parent_state", "=", "posted")
                & Domain("display_type", "=", "product")
                & Domain("quantity", ">", 0)
            )
            bounds = [fields.Date.to_string(day) for day in (date_from, date_to)]
        else:
            xmlid, day = "customer_metrics.sale_order_line_action_customer", "order_id.date_order"
            domain = (
                Domain("company_id", "=", company.id)
                & Domain("order_partner_id.commercial_partner_id", "=", customer.id)
                & Domain("state", "=", "sale")
                & Domain("display_type", "=", False)
                & Domain("is_downpayment", "=", False)
                & Domain("product_uom_qty", ">", 0)
            )
            bounds = [fields.Datetime.to_string(moment) for moment in company._customer_moments(date_from, date_to)]
        domain &= Domain(day, ">=", bounds[0]) & Domain(day, "<", bounds[1]) & Domain("product_id", "!=", False)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(xmlid),
            "domain": list(domain),
            "context": {"group_by": ["product_id"], "create": False},
        }

    # === RECEIVABLES === #

    def _documents_of_receivable(self, customer, date_to, months):
        """What is open, or overdue, on the eve of date_to; of the punctuality what fell due in the window."""
        today = self.env.company._customer_today()
        context = {} if date_to > today else {"customer_figures_date_to": fields.Date.to_string(date_to)}
        if self.code in ("days_late", "on_time"):
            domain = self._window_domain(
                date_to - relativedelta(months=months), date_to - timedelta(days=1), "date_maturity"
            )
            return self._rows_action(
                "customer_metrics.customer_payment_report_action", customer, domain, context=context
            )
        domain = Domain("state", "=", "overdue") if self.code in ("overdue", "overdue_days") else Domain.TRUE
        if self.code == "receivable":
            domain = Domain("state", "!=", "settled")
        return self._rows_action(
            "customer_metrics.customer_receivable_report_action", customer, domain, context=context
        )
