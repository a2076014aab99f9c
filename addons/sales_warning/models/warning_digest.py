from odoo import api, fields, models
from odoo.tools import SQL


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
        """Send everybody whose open warnings are to be told of, or whom warnings were escalated to, one message.

        Each is committed on its own.
        """
        for company in self.env["res.company"].search([]):
            day = company._customer_today()
            cases = self.env["warning.case"].search(
                [
                    ("company_id", "=", company.id),
                    ("state", "not in", ("closed", "snoozed")),
                    "|",
                    ("digest_wanted", "=", True),
                    ("escalated_user_id", "!=", False),
                ]
            )
            told_of = {}
            for case in cases:
                if case.digest_wanted:
                    told_of.setdefault(case.user_id, []).append(case.id)
                if case.escalated_user_id and case.escalated_user_id != case.user_id:
                    told_of.setdefault(case.escalated_user_id, []).append(case.id)
            told = self.search([("company_id", "=", company.id), ("day", "=", day)]).user_id
            for user, case_ids in told_of.items():
                if user in told or not user.active:
                    continue
                self._send(user, company, day, cases.browse(case_ids))
                self.env["ir.cron"]._commit_progress(1, remaining=1)

    @api.model
    def _send(self, user, company, day, cases):
        """Send a person the open warnings, the worst first, grouped by rule.

        Two workers at once send once: the database turns the second one away, who then sees what was sent.
        """
        inserted = self.env.execute_query(
            SQL(
                """
                INSERT INTO warning_digest (user_id, company_id, day, case_count, create_uid, create_date, write_uid,
                                            write_date)
                     VALUES (%(user)s, %(company)s, %(day)s, %(count)s, %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s,
                             NOW() AT TIME ZONE 'UTC')
                ON CONFLICT DO NOTHING
                  RETURNING id
                """,
                user=user.id,
                company=company.id,
                day=day,
                count=len(cases),
                uid=self.env.uid,
            )
        )
        digest = self.browse([row[0] for row in inserted]).with_context(lang=user.lang)
        if not digest:
            return digest
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
