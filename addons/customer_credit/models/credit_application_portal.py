from markupsafe import Markup

from odoo import fields, models

from .credit_application import EDITABLE_STATES, UNDER_WAY


class CreditApplication(models.Model):
    _inherit = "credit.application"

    portal_user_id = fields.Many2one(
        "res.users",
        string="Asked on the Portal By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The customer's own person whose request this application began with.",
    )


class ResPartner(models.Model):
    """A request on the portal begins an application: the salesperson completes and submits it (C1, C10)."""

    _inherit = "res.partner"

    def _credit_portal_requested(self, account, company):
        waiting = (
            self.env["credit.application"]
            .sudo()
            ._search(
                [
                    ("partner_id", "=", self.commercial_partner_id.id),
                    ("company_id", "=", company.id),
                    ("portal_user_id", "!=", False),
                    ("state", "in", (*EDITABLE_STATES, *UNDER_WAY)),
                ],
                limit=1,
            )
        )
        return bool(self.env.execute_query(waiting.select())) or super()._credit_portal_requested(account, company)

    def _credit_take_request(self, account, company, amount, reason):
        """Draft an application in the name of the salesperson; without one, the credit managers hear of it."""
        salesperson = self.sudo().user_id
        if company not in salesperson.company_ids or not salesperson.has_group("sales_team.group_sale_salesman"):
            super()._credit_take_request(account, company, amount, reason)
            return
        application = (
            self.env["credit.application"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "partner_id": self.id,
                    "company_id": company.id,
                    "kind": "increase" if account else "new",
                    "requested_limit": amount,
                    "requested_days": account.payment_days if account.limit_payment_days else 0,
                    "reason": reason,
                    "user_id": salesperson.id,
                    "portal_user_id": self.env.uid,
                }
            )
        )
        sentence = self.env._(
            "%(person)s asks for a credit limit of %(amount)s.",
            person=self.env.user.partner_id.sudo().display_name,
            amount=company.currency_id.format(amount),
        )
        application.message_post(
            body=Markup("<p>%s</p><p>%s</p>") % (sentence, reason),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
        application.activity_schedule(
            "customer_credit.mail_activity_type_credit_request", summary=sentence, user_id=salesperson.id
        )
