from odoo import api, fields, models


class WarningDigest(models.Model):
    """That somebody was sent the day's digest: one message per person and day, whatever is open (W6)."""

    _name = "warning.digest"
    _description = "Warning Digest"
    _order = "day desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True)
    case_count = fields.Integer("Warnings", readonly=True)

    _day_unique = models.Constraint("UNIQUE (user_id, company_id, day)", "The digest of the day was sent already.")

    @api.model
    def _send_due(self):
        """Send everybody who owns open warnings that are to be told of, one message; each is committed on its own."""
        for company in self.env["res.company"].search([]):
            day = company._customer_today()
            cases = self.env["warning.case"].search(
                [
                    ("company_id", "=", company.id),
                    ("digest_wanted", "=", True),
                    ("state", "not in", ("closed", "snoozed")),
                ]
            )
            told = self.search([("company_id", "=", company.id), ("day", "=", day)]).user_id
            for user, found in cases.grouped("user_id").items():
                if user in told or not user.active:
                    continue
                self._send(user, company, day, found)
                self.env["ir.cron"]._commit_progress(1, remaining=1)

    @api.model
    def _send(self, user, company, day, cases):
        """Send a person the open warnings, the worst first, grouped by rule."""
        digest = self.create(
            {"user_id": user.id, "company_id": company.id, "day": day, "case_count": len(cases)}
        ).with_context(lang=user.lang)
        cases = cases.with_context(lang=user.lang).sorted(lambda case: (case.level != "red", case.deadline, case.id))
        body = digest.env["ir.qweb"]._render(
            "sales_warning.digest_body",
            {"groups": list(cases.grouped("rule_id").items()), "cases": cases, "day": day, "user": user},
        )
        digest.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=digest.env._(
                "%(count)s warnings, %(red)s of them red",
                count=len(cases),
                red=len(cases.filtered(lambda case: case.level == "red")),
            ),
            body=body,
            model_description=digest.env._("Sales Warnings"),
            email_layout_xmlid="mail.mail_notification_light",
        )
        return digest
