from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

TRADE_MONTHS = 24
# Whoever reads all documents of sale.report or of accounting.
GROUPS_ALL_FIGURES = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_readonly",
    "account.group_account_invoice",
)
GROUP_OWN_FIGURES = "sales_team.group_sale_salesman"


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_figures_visible = fields.Boolean(
        compute="_compute_customer_figures_visible",
        help="Whether the present user may see the trade figures of this customer.",
    )
    customer_traded = fields.Boolean(compute="_compute_customer_monthly_sales")
    customer_monthly_sales = fields.Monetary(
        string="Average Monthly Sales",
        compute="_compute_customer_monthly_sales",
        currency_field="currency_id",
        help="Sales of the last 12 months divided by 12, untaxed, in the company's currency.",
    )

    customer_target_ids = fields.One2many("customer.target", "partner_id", string="Targets")

    # === COMPUTE === #

    @api.depends("commercial_partner_id.user_id")
    @api.depends_context("uid")
    def _compute_customer_figures_visible(self):
        visible = self._filtered_customer_figures_visible()
        for partner in self:
            partner.customer_figures_visible = partner in visible

    @api.depends_context("uid", "company")
    def _compute_customer_monthly_sales(self):
        visible = self.filtered("id")._filtered_customer_figures_visible()
        values = {}
        if visible:
            code = "average_monthly_sales"
            values = self.env["customer.metric"]._values(visible, [code])[code]
        for partner in self:
            value = values.get(partner.id)
            partner.customer_traded = value is not None
            partner.customer_monthly_sales = value or 0

    # === BUSINESS === #

    def _filtered_customer_figures_visible(self):
        """Return the customers whose figures the present user may see.

        A figure is made of all documents of a customer, so it is shown to those who may read all of them, and to the
        salesperson of the commercial entity. Other salespeople, whose rights end at their own documents, see those
        documents in the reports and no figure.
        """
        if self._sees_all_customer_figures():
            return self
        if self.env.user.has_group(GROUP_OWN_FIGURES):
            return self.filtered(lambda partner: partner.commercial_partner_id.sudo().user_id == self.env.user)
        return self.browse()

    @api.model
    def _sees_all_customer_figures(self):
        return self.env.su or any(self.env.user.has_group(group) for group in GROUPS_ALL_FIGURES)

    @api.model
    def _with_commercial_partners(self, vals_list):
        """Return copies of values in which `partner_id` is the commercial entity of the partner that was given."""
        partners = self.browse({vals["partner_id"] for vals in vals_list if vals.get("partner_id")})
        entities = {partner.id: (partner.commercial_partner_id or partner).id for partner in partners}
        return [
            {**vals, "partner_id": entities[vals["partner_id"]]} if vals.get("partner_id") else dict(vals)
            for vals in vals_list
        ]

    def _check_customer_figures(self):
        self.ensure_one()
        self.check_access("read")
        if not self._filtered_customer_figures_visible():
            raise AccessError(
                self.env._(
                    "The trade figures of %(customer)s are shown to the customer's salesperson and to those who may "
                    "see all documents.",
                    customer=self.display_name,
                )
            )

    @api.readonly
    def get_customer_trade(self, whole_company=False):
        """Return what the Trade page of the customer shows: figures and the last 24 months.

        :param bool whole_company: whether the figures that compare with the whole company are wanted, which take
            longer: then they alone are returned, else all others
        :return: dict with ``visible``; when it is true also ``currency_id``, ``figures`` (code, name, description,
            unit, better, value: None without data) and ``months`` (label, sales, margin in company currency, oldest
            first, the present month last)
        """
        self.ensure_one()
        self.check_access("read")
        if not self._filtered_customer_figures_visible():
            return {"visible": False}
        company = self.env.company
        entity = self.commercial_partner_id
        Metric = self.env["customer.metric"]
        metrics = Metric.sudo().search([("whole_company", "=", whole_company)])
        if whole_company and not self._sees_all_customer_figures():
            metrics = Metric
        values = Metric._values(entity, metrics.mapped("code"))
        figures = [
            {
                "code": metric.code,
                "name": metric.name,
                "description": metric.description or "",
                "unit": metric.unit,
                "better": metric.better,
                "sequence": metric.sequence,
                "value": values[metric.code][entity.id],
            }
            for metric in metrics
        ]
        if whole_company:
            return {"visible": True, "figures": figures}
        today = company._customer_today()
        first = today.replace(day=1) - relativedelta(months=TRADE_MONTHS - 1)
        traded = Metric.sudo()._trade_months(entity, first, today + timedelta(days=1)).get(entity.id, {})
        months = []
        for number in range(TRADE_MONTHS):
            month = first + relativedelta(months=number)
            sales, margin, _orders = traded.get(month, (0.0, 0.0, 0))
            months.append(
                {"label": format_date(self.env, month, date_format="yyyy-MM"), "sales": sales, "margin": margin}
            )
        return {
            "visible": True,
            "currency_id": company.currency_id.id,
            "months": months,
            "traded": bool(traded),
            "figures": figures,
        }

    def action_customer_figure(self, code, date_to=None, months=None):
        """Open the documents that a figure of this customer is made of: they add up to it.

        :param str code: code of a customer.metric
        :param date_to: first day that no longer counts, by default tomorrow
        :param int months: length of the window, by default the metric's own
        """
        self._check_customer_figures()
        metric = self.env["customer.metric"].sudo().with_context(active_test=False).search([("code", "=", code)])
        if not metric:
            raise UserError(self.env._("There is no figure “%s”.", code))
        if metric.whole_company and not self._sees_all_customer_figures():
            raise AccessError(
                self.env._("“%s” compares with the whole company; you see your own customers only.", metric.name)
            )
        return metric.sudo(False)._documents_action(self, fields.Date.to_date(date_to), months)

    def action_customer_trade(self):
        """Open the trade of this customer by month."""
        self._check_customer_figures()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_metrics.customer_trade_report_action")
        action.update(
            domain=[("partner_id", "=", self.commercial_partner_id.id)],
            context={},
            views=[(False, "graph"), (False, "pivot"), (False, "list")],
        )
        return action

    @api.model
    def _open_receivable_sql(self, alias_line, is_receivable, drafts=False):
        """Return the SQL condition of an open receivable line: the one definition that views, metrics and the credit
        exposure share (M).

        A line is open when it stands on a receivable account, its entry is posted and something of it is not yet
        reconciled. `amount_residual` is in company currency: positive for what the customer owes, negative for credit
        notes and payments that were not applied yet. It is overdue when, besides, ``date_maturity < today`` and
        ``amount_residual > 0``.

        :param str alias_line: alias of account_move_line in the query
        :param is_receivable: alias of account_account, joined on the line's account; or the condition that the account
            is a receivable one, an :class:`~odoo.tools.SQL`
        :param bool drafts: lines of drafts too, which would be open once they are posted
        :return: the condition, an :class:`~odoo.tools.SQL`
        """
        line = SQL.identifier(alias_line)
        if isinstance(is_receivable, str):
            is_receivable = SQL("%s = 'asset_receivable'", SQL.identifier(is_receivable, "account_type"))
        return SQL(
            "(%s AND %s.parent_state %s AND %s.amount_residual <> 0)",
            is_receivable,
            line,
            SQL("IN ('posted', 'draft')") if drafts else SQL("= 'posted'"),
            line,
        )
