from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestUtilisation(CreditCase):
    """C5: how far limits are used, by the figures of the gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls._user("report_clerk", "sales_team.group_sale_salesman")
        cls.customer.user_id = cls.salesman
        cls.second = cls._customer("Renhe Clinic", user_id=cls.salesman.id)
        cls.third = cls._customer("Old Street Pharmacy", user_id=cls.clerk.id)
        cls.free = cls._customer("Hospital", user_id=cls.clerk.id)
        cls._account(cls.customer, limit=1000)
        cls._account(cls.second, limit=3000)
        cls._account(cls.third, limit=100)
        cls._account(cls.free, mode="unlimited")

    def _documents(self):
        self._invoice(400, partner=self.customer, due=-3)
        self._invoice(2500, partner=self.second)
        self._invoice(150.5, partner=self.third)
        self._invoice(99999, partner=self.free)

    def _report(self, user=None, company=None):
        context = {"allowed_company_ids": (company or self.company).ids}
        return self.env["credit.utilisation.report"].with_user(user or self.reader).with_context(**context)

    def test_rows(self):
        self._documents()
        rows = {row.partner_id: row for row in self._report().search([])}
        self.assertEqual(set(rows), {self.customer, self.second, self.third, self.free})
        self.assertEqual(
            {
                partner.name: (row.limit_total, row.exposure, row.remaining, row.excess, row.band, row.over_limit)
                for partner, row in rows.items()
            },
            {
                "Kangtai Pharmacy": (1000, 400, 600, 0, "1", False),
                "Renhe Clinic": (3000, 2500, 500, 0, "3", False),
                "Old Street Pharmacy": (100, 150.5, -50.5, 50.5, "4", True),
                "Hospital": (0, 99999, 0, 0, "0", False),
            },
        )
        self.assertEqual((rows[self.customer].overdue, rows[self.customer].overdue_days), (400, 3))
        for partner, row in rows.items():
            figures = self._exposure(partner)
            self.assertEqual((row.exposure, row.limit_total), (figures.exposure, figures.limit or 0))
        self.assertEqual(rows[self.third].action_open_customer()["res_id"], self.third.id)

    def test_used_part_of_several(self):
        """Of several customers the used part is no average of their percentages; who has no limit doesn't count."""
        self._documents()
        groups = self._report()._read_group(
            [], ["user_id"], ["limit_total:sum", "exposure:sum", "utilisation:avg"], order="user_id"
        )
        found = {user: values for user, *values in groups}
        self.assertEqual(found[self.salesman], [4000, 2900, 72.5])
        self.assertEqual(found[self.clerk], [100, 100149.5, 150.5])
        self._report().formatted_read_group([], ["band"], ["exposure:sum", "utilisation:avg", "__count"])

    def test_no_limit_at_all(self):
        self._report()
        (row,) = self._report()._read_group([("partner_id", "=", self.free.id)], [], ["utilisation:avg"])
        self.assertFalse(row[0])

    def test_who(self):
        self._documents()
        self.assertEqual(self._report(self.clerk).search([]).partner_id, self.third | self.free)
        everybody = self._user("report_all", "sales_team.group_sale_salesman_all_leads")
        for user in (everybody, self.reader, self.manager):
            self.assertEqual(len(self._report(user).search([])), 4)
        with self.assertRaises(AccessError):
            self._report(self._user("report_nobody", "base.group_user")).search([])

    def test_companies(self):
        other = self._company("Other")
        self._account(self.second, limit=70, company=other)
        stranger = self._user("report_stranger", "customer_credit.group_credit_user", other)
        rows = self._report(stranger, other).search([])
        self.assertEqual((rows.partner_id, rows.limit_total, rows.company_id), (self.second, 70, other))
        both = self._user("report_both", "customer_credit.group_credit_user", self.company | other)
        self.assertEqual(len(self._report(both, self.company | other).search([("partner_id", "=", self.second.id)])), 2)
        other.credit_company_id = self.company
        rows = self._report(stranger, other).search([("partner_id", "=", self.second.id)])
        self.assertEqual((rows.company_id, rows.limit_total), (self.company, 3000), "told where credit is shared")

    def test_queries(self):
        """The number of queries doesn't grow with the number of customers."""
        self._documents()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._report()._read_group([], ["user_id"], ["exposure:sum"])
            return self.cr.sql_log_count - before

        count()
        few = count()
        for n in range(10):
            self._account(self._customer(f"More {n}"), limit=n)
        count()
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestAgeing(CreditCase):
    """C5: ageing as of today and at a date."""

    def test_at_a_date(self):
        self._invoice(100, date=-100, due=-70)
        paid = self._invoice(40, date=-100, due=-80)
        payment = self._payment(40)
        (paid | payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._invoice(7, date=0, due=10)

        def buckets(action):
            report = self.env["customer.receivable.report"].with_user(self.reader)
            rows = report.with_context(**action["context"])._read_group(
                [*map(tuple, action["domain"]), ("partner_id", "=", self.customer.id)], ["ageing"], ["residual:sum"]
            )
            return dict(rows)

        wizard = self.env["credit.ageing"].with_user(self.reader).create({"date": self.today - timedelta(days=50)})
        action = wizard.action_open()
        action["domain"] = [("state", "!=", "settled")]
        self.assertEqual(buckets(action), {"1": 140})
        wizard.date = self.today
        action = {**wizard.action_open(), "domain": [("state", "!=", "settled")]}
        self.assertEqual(buckets(action), {"0": 7, "3": 100})

    def test_own_wizard(self):
        wizard = self.env["credit.ageing"].with_user(self.reader).create({})
        with self.assertRaises(AccessError):
            wizard.with_user(self.controller).action_open()


@tagged("post_install", "-at_install")
class TestHeldReports(CreditCase):
    """C7: overrides by person and reason; held value over time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._account(limit=100)

    def _hold(self, amount, first, last=None, decision="released", user=None, **values):
        """A hold for credit that begins and ends on days given as moments in UTC."""
        order = self._order(amount, user=user)
        order.action_confirm()
        hold = order.sudo().hold_ids
        self.assertEqual((hold.keeper, hold.state), ("credit", "held"))
        with freeze_time(last or first):
            if decision == "released":
                hold.with_user(self.manager)._release("Paid by bank", confirm=False, **values)
            elif decision == "refused":
                hold.with_user(self.controller)._refuse("No")
            elif decision == "lapsed":
                hold._end()
        self.env.flush_all()
        self.cr.execute("UPDATE sale_order_hold SET create_date = %s WHERE id = %s", [first, hold.id])
        if decision == "lapsed":
            self.cr.execute("UPDATE sale_order_hold SET write_date = %s WHERE id = %s", [last, hold.id])
        self.env.invalidate_all()
        return hold

    def test_overrides(self):
        code = self.env["sale.order.hold.code"].create({"name": "Bank receipt seen"})
        released = self._hold(500, datetime(2026, 5, 4, 4), datetime(2026, 5, 6, 16), code=code)
        self._hold(700, datetime(2026, 5, 4, 4), datetime(2026, 5, 5), decision="refused")
        self._hold(600, datetime(2026, 5, 4, 4), decision=None)
        rows = self.env["credit.override.report"].with_user(self.reader).search([])
        self.assertEqual(rows.hold_id, released)
        self.assertEqual((rows.decision_by, rows.decision_code_id), (self.manager, code))
        self.assertEqual((rows.objection, rows.amount, rows.excess), ("excess", 500, 400))
        self.assertEqual(rows.waited, 2.5)
        self.assertFalse(rows.automatic)
        self.assertEqual(rows.action_open_hold()["res_id"], released.id)
        own = self.env["credit.override.report"].with_user(self.salesman).search([])
        self.assertEqual(own, rows)
        stranger = self._user("override_stranger", "sales_team.group_sale_salesman")
        self.assertFalse(self.env["credit.override.report"].with_user(stranger).search([]))
        groups = rows._read_group([], ["decision_by", "objection"], ["amount:sum"])
        self.assertEqual(groups, [(self.manager, "excess", 500)])

    def test_held_value(self):
        """Day by day, in the time zone of the company, and per month as an average of days."""
        self.company.partner_id.tz = "Asia/Shanghai"
        today = fields.Datetime.now()
        first = datetime(today.year - 1, 5, 4, 17)  # the 5th in Shanghai
        hold = self._hold(500, first, first + timedelta(days=2))
        refused = self._hold(300, first, first + timedelta(days=1), decision="refused")
        lapsed = self._hold(900, first - timedelta(hours=4), first - timedelta(hours=3), decision="lapsed")
        Report = self.env["credit.held.report"].with_user(self.reader)
        day = date(first.year, 5, 5)

        def rows(hold):
            return [
                (row.day, row.value, row.entered, row.released, row.refused, row.lapsed)
                for row in Report.search([("hold_id", "=", hold.id)], order="day")
            ]

        one = timedelta(days=1)
        self.assertEqual(
            rows(hold),
            [(day, 500, 500, 0, 0, 0), (day + one, 500, 0, 0, 0, 0), (day + 2 * one, 0, 0, 500, 0, 0)],
        )
        self.assertEqual(rows(refused), [(day, 300, 300, 0, 0, 0), (day + one, 0, 0, 0, 300, 0)])
        self.assertEqual(rows(lapsed), [(day - one, 0, 900, 0, 0, 900)])
        groups = Report._read_group([], ["day:day"], ["value:avg"], order="day:day")
        self.assertEqual([value for _day, value in groups], [False, 800, 500, False])
        (month,) = Report._read_group([], ["day:month"], ["value:avg", "entered:sum", "released:sum", "refused:sum"])
        self.assertEqual(month[1:], (650, 1700, 500, 300))

    def test_still_held(self):
        hold = self._hold(500, fields.Datetime.now() - timedelta(days=3), decision=None)
        rows = self.env["credit.held.report"].with_user(self.reader).search([("hold_id", "=", hold.id)])
        self.assertEqual(len(rows), 4)
        self.assertEqual(set(rows.mapped("value")), {500})
        self.cr.execute(
            "UPDATE sale_order_hold SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=3000), hold.id],
        )
        rows = self.env["credit.held.report"].with_user(self.reader).search_count([("hold_id", "=", hold.id)])
        self.assertEqual(rows, 731, "no further back than two years")

    def test_views(self):
        for model in ("credit.utilisation.report", "credit.override.report", "credit.held.report"):
            for user in (self.reader, self.salesman):
                self.env[model].with_user(user).get_views(
                    [(False, kind) for kind in ("list", "pivot", "graph", "search")]
                )
