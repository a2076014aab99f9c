import math
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .exposure import Exposure

DOCUMENTS_MAX = 200
AMOUNT_MAX = 1e12
REASON_MAX = 2000


class PortalCredit(NamedTuple):
    """The credit of a customer with one company, or with a group of companies that share it, as the customer sees it.

    What it doesn't see: the credit group it is in, with whom, and the ceiling of the company.

    :param company: company that keeps the credit, in whose currency the figures are
    :param sellers: companies whose documents count: each makes statements of its own
    :param figures: Exposure, with ageing
    :param expired: the limit no longer holds
    :param temporary: temporary limits in force or to come
    :param guarantees: guarantees that are counted, now or from a later day on
    :param lines: open receivable lines: what is owed, and payments not set off
    :param orders: confirmed orders not yet invoiced
    :param requested: a request for a higher limit is being looked at
    """

    company: models.Model
    sellers: models.Model
    figures: Exposure
    expired: bool
    temporary: models.Model
    guarantees: models.Model
    lines: models.Model
    orders: models.Model
    requested: bool


class ResPartner(models.Model):
    """What customers see of their credit on the portal, and what they may ask for there (C10)."""

    _inherit = "res.partner"

    def _credit_portal(self):
        """Return the PortalCredit of a customer with each company that controls credit and knows the customer.

        The caller passes the commercial entity of who asks, and nobody else's.
        """
        self.ensure_one()
        customer = self.sudo().commercial_partner_id
        controlling = self.env["res.company"].sudo().search([("credit_mode", "!=", "off")])
        keepers = controlling.union(*(company._credit_keeper() for company in controlling)).filtered(
            lambda company: company._credit_keeper() == company
        )
        return [credit for keeper in keepers if (credit := customer._credit_portal_of(keeper))]

    def _credit_portal_of(self, keeper):
        """Return the PortalCredit with one company; None where there is neither an account nor any figure."""
        figures = self._credit_exposure(keeper, ageing=True)[self.id]
        if not figures.account_id and not (
            figures.receivable or figures.unapplied or figures.orders or figures.draft_invoices
        ):
            return None
        today = fields.Date.context_today(self)
        scope = self.env["res.company"]._credit_settings(keeper.id).scope
        sellers = self.env["res.company"].browse(scope)
        account = self.env["credit.account"].browse(figures.account_id or [])
        return PortalCredit(
            company=keeper,
            sellers=sellers.filtered(lambda company: not company.parent_id or company.parent_id not in sellers),
            figures=figures,
            expired=figures.expired(today),
            temporary=account.temporary_limit_ids.filtered(lambda limit: limit.yearly or limit.date_to > today),
            guarantees=account.guarantee_ids.filtered(
                lambda guarantee: guarantee.state == "active" and (not guarantee.date_to or guarantee.date_to > today)
            ),
            lines=self.env["account.move.line"].search(
                [
                    ("partner_id.commercial_partner_id", "=", self.id),
                    ("company_id", "in", scope),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("amount_residual", "!=", 0),
                ],
                order="date_maturity, id",
                limit=DOCUMENTS_MAX,
            ),
            orders=self.env["sale.order"].search(
                [
                    ("hold_customer_id", "=", self.id),
                    ("company_id", "in", scope),
                    ("state", "=", "sale"),
                    ("uninvoiced_amount", ">", 0),
                ],
                order="date_order, id",
                limit=DOCUMENTS_MAX,
            ),
            requested=self._credit_portal_requested(account, keeper),
        )

    # === A HIGHER LIMIT === #

    def _credit_portal_requested(self, account, company):
        """Tell whether a request of this customer waits for an answer: the hook of what takes the requests."""
        return bool(self._credit_request_activities(account, company))

    def _credit_request_activities(self, account, company):
        """Return the activities of open requests; where there is no account, those that people of ``company`` have."""
        self.ensure_one()
        record = account or self
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                    (
                        "activity_type_id",
                        "=",
                        self.env.ref("customer_credit.mail_activity_type_credit_request").id,
                    ),
                ]
            )
            .filtered(lambda activity: account or company in activity.user_id.company_ids)
        )

    def _portal_request(self, company, amount, reason):
        """Take the request of a customer for a higher limit: it is noted, and given to the credit managers.

        The caller has made sure that the user belongs to the customer. Two requests at once come to one.

        :param company: company that keeps the credit
        :param float amount: limit asked for, in the currency of ``company``
        :param str reason: why
        :raise UserError: for no amount, no reason, or while another request waits for an answer
        """
        self.ensure_one()
        customer, reason = self.sudo().commercial_partner_id, (reason or "").strip()
        if not (math.isfinite(amount) and 0 < amount <= AMOUNT_MAX):
            raise UserError(self.env._("Give the limit you ask for, as an amount above zero."))
        if not reason:
            raise UserError(self.env._("Tell us why you need a higher limit."))
        amount = company.currency_id.round(amount)
        # The row of the customer is locked, so that a double click makes one request.
        self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE id = %s FOR NO KEY UPDATE", customer.id),
        )
        figures = customer._credit_exposure(company)[customer.id]
        account = self.env["credit.account"].sudo().browse(figures.account_id or [])
        if customer._credit_portal_requested(account, company):
            raise UserError(self.env._("Your last request is still being looked at."))
        if figures.limit is None and account:
            raise UserError(self.env._("There is no limit on your credit."))
        if figures.limited and figures.limit and company.currency_id.compare_amounts(amount, figures.limit) <= 0:
            raise UserError(
                self.env._(
                    "Your limit is %(limit)s already; ask for more than that.",
                    limit=company.currency_id.format(figures.limit),
                )
            )
        customer._credit_take_request(account, company, amount, reason[:REASON_MAX])

    def _credit_take_request(self, account, company, amount, reason):
        """Put a checked request before the people who decide: the hook of what keeps applications."""
        record = account or self
        sentence = self.env._(
            "%(person)s asks for a credit limit of %(amount)s.",
            person=self.env.user.partner_id.sudo().display_name,
            amount=company.currency_id.format(amount),
        )
        record.message_post(
            body=Markup("<p>%s</p><p>%s</p>") % (sentence, reason),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
        managers = (
            self.env.ref("customer_credit.group_credit_manager")
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and not user.share and company in user.company_ids)
        )
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref("customer_credit.mail_activity_type_credit_request").id,
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "user_id": user.id,
                    "summary": sentence,
                    "note": Markup("<p>%s</p>") % reason,
                    "automated": True,
                }
                for user in managers
            ]
        )

    @api.model
    def _credit_portal_moves(self, lines):
        """Return those documents behind ``lines`` that the user may open on the portal."""
        moves = lines.move_id.filtered(lambda move: move.is_invoice(include_receipts=True))
        return moves.with_env(self.env(su=False))._filtered_access("read")
