from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerTieringCommon


@tagged("post_install", "-at_install")
class TestRun(CustomerTieringCommon):
    """From the figures to the class: preview, effect, history (T7)."""

    def test_figures_on_real_orders(self):
        """The example of the requirement, on orders: 12 a month at 2.3 % is AA by sales, lifted to AAA."""
        lifted = self._shop("Lifted", 12, 2.3)
        plain = self._shop("Plain", 12, 2)
        small = self._shop("Small", 0.3, 4.5)
        nothing = self._shop("Nothing")
        run = self._new_run()
        run.action_compute()
        self.assertEqual(run.state, "computed")
        self.assertEqual(self._line(run, lifted).to_tier_id, self._tier("AAA"))
        self.assertEqual(self._line(run, plain).to_tier_id, self._tier("AA"))
        self.assertEqual(self._line(run, small).to_tier_id, self._tier("C"))
        self.assertFalse(self._line(run, nothing), "who never bought has no line")
        self.assertEqual(
            self._line(run, lifted).sentence,
            "Average 12 x 10,000 a month at 2.3 % margin: AA by sales, lifted to AAA by a margin above 2 %.",
        )
        self.assertEqual(
            self._line(run, small).sentence,
            "Average 0.3 x 10,000 a month at 4.5 % margin: no class by sales, lifted to C by a margin above 4 %.",
        )

    def test_numbers_do_not_hide_a_bound(self):
        number = self.env["customer.tier.history"]._number
        for value, bounds, text in (
            (12, [], "12"),
            (175.87334, [150], "175.87"),
            (149.9996, [105, 150], "149.9996"),
            (149.996, [105, 150], "149.996"),
            (149.5, [105, 150], "149.5"),
            (2.0001, [2], "2.0001"),
            (2, [2], "2"),
            (1234567.5, [], "1,234,567.5"),
            (0, [0.5], "0"),
            (-0.25, [0.5], "-0.25"),
        ):
            self.assertEqual(number(value, bounds), text)

    def test_documents_behind_the_figure_add_up(self):
        shop = self._shop("Shop", 12, 2.3)
        self._trade(shop, [77], until=self.MONTH + relativedelta(months=1))  # July doesn't count yet
        self._trade(shop, [55], until=self.MONTH - relativedelta(months=12))  # nor does June a year ago
        invoice = self._bill_order(self._order(date(2025, 5, 5), price=10000, partner=shop), date(2025, 5, 6))
        self._reverse(invoice, date(2025, 6, 20))
        run = self._apply()
        line = self._line(run, shop)
        for source in (line, self._membership(shop), self._history(shop)):
            action = source.with_user(self.reader).action_documents()
            rows = self.env[action["res_model"]].with_user(self.reader).search(action["domain"])
            self.assertAlmostEqual(sum(rows.mapped("sales")) / 12, line.value, 2)
            self.assertAlmostEqual(100 * sum(rows.mapped("margin")) / sum(rows.mapped("sales")), line.margin, 3)
            documents = sum(
                sum(self.env["sale.order"].search(row.action_open_documents()["domain"]).mapped("amount_untaxed"))
                - sum(self.env["account.move"].search(row.action_open_refunds()["domain"]).mapped("amount_untaxed"))
                for row in rows.with_user(self.env.user)
            )
            self.assertAlmostEqual(documents / 12, line.value, 2)

    def test_new_customers_are_measured_over_their_own_months(self):
        two_months = self._shop("Two months", 12, 1, months=2)
        five_months = self._shop("Five months", 12, 1, months=5)
        run = self._apply()
        line = self._line(run, two_months)
        self.assertEqual((line.value, line.months, line.history_months), (120000, 2, 2))
        self.assertEqual(line.to_tier_id, self._tier("AA"))
        self.assertTrue(line.provisional)
        self.assertIn("provisional, after 2 months of history", line.sentence)
        line = self._line(run, five_months)
        self.assertEqual((line.value, line.months, line.provisional), (120000, 5, False))

    def test_provisional_follows_at_once_then_settles(self):
        shop = self._shop("New", 12, 1, months=1)
        self._apply()
        self.assertEqual(self._class(shop), "AA")
        self._trade(shop, [0.8], until=self.MONTH + relativedelta(months=1))
        self._apply(month=self.MONTH + relativedelta(months=1))
        self.assertEqual(self._class(shop), "A")  # 6.4 a month, provisional: at once
        self._trade(shop, [0.1], until=self.MONTH + relativedelta(months=2))
        run = self._apply(month=self.MONTH + relativedelta(months=2))
        self.assertEqual(self._class(shop), "B+")  # three months: the first class by the rules
        self.assertEqual(self._line(run, shop).why, "first")
        self._trade(shop, [0.1], until=self.MONTH + relativedelta(months=3))
        run = self._apply(month=self.MONTH + relativedelta(months=3))
        self.assertEqual(self._line(run, shop).why, "stays")
        self._trade(shop, [0.0001], until=self.MONTH + relativedelta(months=4))
        run = self._apply(month=self.MONTH + relativedelta(months=4))  # 2.6: below 3, above 2.7?
        self.assertEqual((self._class(shop), self._line(run, shop).why), ("B+", "waiting"))

    def test_leading_class(self):
        shop = self._shop("Growing")
        self._trade(shop, [1.5] * 9 + [12] * 3, 1)
        run = self._apply()
        line = self._line(run, shop)
        self.assertEqual((line.to_tier_id.name, line.leading_name), ("B+", "AA"))
        membership = self._membership(shop)
        self.assertEqual((membership.leading_tier_id.name, membership.trend), ("AA", "up"))

    def test_preview_equals_result(self):
        shops = [self._shop(f"Shop {number}", monthly, 3) for number, monthly in enumerate((0.2, 0.7, 2, 6, 40))]
        run = self._new_run()
        run.action_compute()
        preview = {line.partner_id: line.to_tier_id for line in run.sudo().line_ids}
        self.assertEqual(run.customer_count, 5)
        self.assertEqual(run.moved_count, 4)
        self.assertFalse(self.env["customer.tier.membership"].search([("partner_id", "in", [s.id for s in shops])]))
        # What is sold between preview and effect doesn't count.
        self._trade(shops[0], [900])
        run.action_apply()
        self.assertEqual(run.state, "applied")
        self.assertEqual({shop: self._membership(shop).tier_id for shop in shops}, preview)
        self.assertEqual(sum(count for before, after, count in run.transitions if before != after), run.moved_count)

    def test_applying_twice_changes_nothing(self):
        shop = self._shop("Shop", 12, 2.3)
        run = self._apply()
        fields = ("tier_id", "since", "votes", "rule_tier", "target_tier", "month", "run_id")
        before = self._membership(shop).read(fields)
        run.action_apply()
        self.assertEqual(self._membership(shop).read(fields), before)
        self.assertEqual(len(self._history(shop)), 1)
        with self.assertRaisesRegex(UserError, "already"):
            run.sudo()._apply_batch()

    def test_a_second_run_for_the_month_changes_nothing(self):
        shops = [self._shop(name) for name in ("Up", "Down", "Waits")]
        with self._figures(dict(zip(shops, ((6, 1), (12, 1), (6, 1)), strict=True))):
            self._apply(month=date(2025, 4, 1))
        with self._figures(dict(zip(shops, ((12, 1), (5, 1), (6, 1)), strict=True))):
            self._apply(month=date(2025, 5, 1))
        final = dict(zip(shops, ((12, 1), (5, 1), (12, 1)), strict=True))
        fields = ("tier_id", "since", "rule_tier", "votes", "target_tier", "start_tier", "start_votes", "start_target")
        with self._figures(final):
            first = self._apply(month=date(2025, 6, 1))
            self.assertEqual([self._class(shop) for shop in shops], ["AA", "AA", "A"])
            before = [self._membership(shop).read(fields) for shop in shops]
            history = len(self.env["customer.tier.history"].search([]))
            second = self._apply(month=date(2025, 6, 1))
            self.assertEqual([self._membership(shop).read(fields) for shop in shops], before)
            self.assertEqual(len(self.env["customer.tier.history"].search([])), history)
            self.assertEqual((first.moved_count, second.moved_count), (1, 0))
        # Corrected figures of the same month begin where the month began.
        with self._figures({**final, shops[0]: (6, 1)}):
            self._apply(month=date(2025, 6, 1))
        self.assertEqual(self._class(shops[0]), "A")

    def test_steadiness_over_months(self):
        shop = self._shop("Shop")
        months = [date(2024, 7, 1) + relativedelta(months=number) for number in range(9)]
        figures = [6, 12, 9.5, 12, 12, 4, 4, 4, 4]
        expected = ["A", "A", "A", "A", "AA", "AA", "AA", "B+", "B+"]
        reasons = ["first", "waiting", "stays", "waiting", "moved", "waiting", "waiting", "moved", "stays"]
        for month, figure, tier, why in zip(months, figures, expected, reasons, strict=True):
            with self._figures({shop: (figure, 1)}):
                run = self._apply(month=month)
            self.assertEqual((self._class(shop), self._line(run, shop).why), (tier, why), month)
        self.assertEqual(self._history(shop).mapped("move"), ["in", "up", "down"], "only what takes effect is history")
        self.assertEqual(
            self._history(shop)[1].sentence,
            "Average 12 x 10,000 a month at 1 % margin: AA by sales; 2 runs in a row speak for it: from A to AA.",
        )

    def test_history_keeps_figures_and_rules(self):
        shop = self._shop("Shop", 12, 2.3)
        run = self._apply()
        row = self._history(shop)
        self.assertEqual((row.from_tier_id.name, row.to_tier_id.name, row.move), (False, "AAA", "in"))
        self.assertEqual((row.user_id, row.run_id, row.origin, row.date), (self.officer, run, "run", self.TODAY))
        self.assertEqual(row.sentence, self._line(run, shop).sentence)
        self.assertEqual((row.figures["quota"], row.figures["bound"]), (2, 100000))
        # Other bands later don't change what was.
        sentence = row.sentence
        self._tier("AA").write({"bound": 11, "margin_quota": 2.1})
        row.invalidate_recordset()
        self.assertEqual(row.sentence, sentence)

    def test_history_is_immutable(self):
        shop = self._shop("Shop", 12, 2.3)
        self._apply()
        row = self._history(shop)
        for action in (
            lambda: row.sudo().write({"to_tier_id": self._tier("C").id}),
            lambda: row.sudo().unlink(),
            lambda: row.sudo().write({"date": "2020-01-01"}),
            lambda: self.env["customer.tier.history"].with_user(self.director).create({"partner_id": shop.id}),
        ):
            with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_model"):
                action()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            shop.unlink()

    def test_who_leaves_the_scheme_leaves_the_class(self):
        shop = self._shop("Shop", 12, 2.3)
        self._apply()
        shop.customer_nature = "distributor"
        run = self._apply(month=self.MONTH)
        self.assertEqual((self._line(run, shop).why, self._line(run, shop).move), ("out", "out"))
        self.assertFalse(self._membership(shop))
        self.assertEqual(self._history(shop)[-1].sentence, "The scheme no longer covers this customer.")
        shop.customer_nature = "third"
        self._apply(month=self.MONTH)
        self.assertEqual(self._class(shop), "AAA")

    def test_contacts_count_for_their_firm(self):
        shop = self._shop("Shop", 6, 1)
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": shop.id, "type": "delivery"})
        self._trade(branch, [6] * 12, 1)
        run = self._apply()
        self.assertEqual(self._line(run, shop).value, 120000)
        self.assertFalse(self._line(run, branch))
        self.assertEqual(branch.customer_tier_id, self._tier("AA"))

    def test_one_unfinished_run(self):
        self._new_run()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._new_run()
        self._new_run(self.wholesale)

    def test_months(self):
        with self.assertRaisesRegex(ValidationError, "has not ended"), self.cr.savepoint():
            self._new_run(month=date(2025, 7, 1))
        run = self._new_run(month=date(2025, 6, 17))
        self.assertEqual((run.month, run.date_to), (date(2025, 6, 1), date(2025, 7, 1)))
        self._shop("Shop", 12, 1)
        run.action_compute()
        run.action_apply()
        early = self._new_run(month=date(2025, 5, 1))
        with self.assertRaisesRegex(UserError, "later month"):
            early.action_compute()

    def test_company_touches_no_other(self):
        other = self.setup_other_company()["company"]
        shop = self._shop("Shop", 12, 2.3)
        self._apply()
        self.env.user.company_ids |= other
        self.officer.company_ids |= other
        order = self._order(date(2025, 6, 5), price=200, partner=shop)
        self.assertEqual(order.company_id, self.company)
        run = self._new_run(company=other)
        run.action_compute()
        self.assertEqual(run.customer_count, 0)
        run.action_apply()
        self.assertEqual(self._class(shop), "AAA")
        self.assertFalse(self._membership(shop, company=other))
        self.assertEqual(shop.with_company(self.company).customer_tier_id, self._tier("AAA"))
        self.assertFalse(shop.with_company(other).customer_tier_id)

    def test_cancel(self):
        shop = self._shop("Shop", 12, 2.3)
        run = self._new_run()
        run.action_compute()
        wizard = self.env["customer.tier.decision"].with_user(self.officer)
        wizard.create({"run_id": run.id, "decision": "cancel", "reason": "Wrong month"}).action_decide()
        self.assertEqual(run.state, "cancelled")
        self.assertFalse(self._membership(shop))
        with self.assertRaisesRegex(UserError, "already"):
            run.action_apply()
        run.unlink()

    def test_applied_runs_stay(self):
        self._shop("Shop", 12, 2.3)
        run = self._apply()
        with self.assertRaisesRegex(UserError, "kept"):
            run.unlink()
        with self.assertRaisesRegex(UserError, "already"):
            run.action_compute()

    def test_no_data_is_not_zero(self):
        shop = self._shop("Was here")
        self._trade(shop, [3] * 3, 2, until=date(2023, 6, 1))
        run = self._apply()
        line = self._line(run, shop)
        self.assertTrue(line.has_value)  # bought before: nothing in the period is a zero
        self.assertEqual(line.value, 0)
        self.assertFalse(line.has_margin)
        self.assertFalse(line.to_tier_id)
        self.assertEqual(line.sentence, "Average 0 x 10,000 a month: no class by sales.")

    def test_abc_by_margin(self):
        scheme = self.env.ref("customer_tiering.customer_tier_scheme_abc_margin")
        scheme.write({"approval_share": 100, "domain": "[('ref', '=', 'abc')]"})
        # Margins a month: 40,000 / 12,000 / 9,000 / 3,000 of 64,000.
        shops = [
            self._shop(f"Shop {number}", monthly, margin, ref="abc")
            for number, (monthly, margin) in enumerate(((20, 20), (24, 5), (9, 10), (30, 1)))
        ]
        run = self._apply(scheme)
        self.assertEqual([self._class(shop, scheme) for shop in shops], ["A", "A", "B", "C"])
        self.assertEqual([tier["bound"] for tier in run.snapshot["tiers"]], [3000, 9000, 12000])
        self.assertEqual(self._line(run, shops[2]).sentence, "Average Monthly Margin 0.9 x 10,000: B.")

    def test_the_four_ways(self):
        scheme = self.env.ref("customer_tiering.customer_tier_scheme_abc_sales")
        scheme.write({"approval_share": 100, "domain": "[('ref', '=', 'abc')]", "tolerance": 0})
        scheme.write({"up_after": 1, "down_after": 1})
        shops = [
            self._shop(f"Shop {number}", monthly, 5, ref="abc") for number, monthly in enumerate((50, 30, 10, 6, 4))
        ]
        for method, bounds, expected in (
            ("value_share", (80, 95, 100), "AABBC"),
            ("customer_share", (20, 60, 100), "ABBCC"),
            ("number", (1, 2, 10), "ABCCC"),
            ("value", (30, 5, 1), "AAABC"[:2] + "BBC"),
        ):
            scheme.tier_ids.bound = 0.5
            for tier, bound in zip(scheme.tier_ids.sorted("name"), bounds, strict=True):
                tier.bound = bound
            scheme.method = method
            self._apply(scheme)
            self.assertEqual("".join(self._class(shop, scheme) for shop in shops), expected, method)

    def test_rfm(self):
        shops = [self._shop(f"Shop {number}") for number in range(5)]
        for number, shop in enumerate(shops):
            # The more, the larger and the later.
            self._trade(shop, [1 + number] * (number + 2), 1, until=date(2025, 2, 1) + relativedelta(months=number))
        run = self._apply()
        self.assertEqual([self._line(run, shop).rfm for shop in shops], ["111", "222", "333", "444", "555"])
        self.assertEqual(self._membership(shops[4]).rfm, "555")

    def test_queries_do_not_grow_with_customers(self):
        shops = [self._shop(f"Shop {number}", 1 + number % 9, 2, months=4) for number in range(40)]
        counts = {}
        for number in (5, 20, 40):
            chosen = [shop.id for shop in shops[:number]]
            self.retail.domain = f"[('id', 'in', {chosen})]"
            run = self._new_run().sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._compute_run()
            self.env.flush_all()
            middle = self.env.cr.sql_log_count
            run._start_applying()
            run._apply_batch()
            self.env.flush_all()
            counts[number] = middle - before, self.env.cr.sql_log_count - middle
            self.assertEqual(run.customer_count, number)
        self.assertEqual(counts[20][0], counts[40][0], counts)
        self.assertLessEqual(counts[40][1], counts[20][1], counts)
        self.assertLessEqual(counts[40][0], 50, counts)


@tagged("post_install", "-at_install")
class TestApproval(CustomerTieringCommon):
    """Mass moves: a director other than who asked, in Python (T7)."""

    def setUp(self):
        super().setUp()
        self.retail.write({"approval_share": 10, "approval_count": 2})
        self.shops = [self._shop(f"Shop {number}", 2 + number, 1) for number in range(4)]

    def _approve(self, run, user, reason="Season is over"):
        wizard = self.env["customer.tier.decision"].with_user(user)
        return wizard.create({"run_id": run.id, "decision": "approve", "reason": reason}).action_decide()

    def test_mass_move_waits_for_a_director(self):
        run = self._new_run(user=self.director)
        run.action_compute()
        self.assertTrue(run.needs_approval)
        with self.assertRaisesRegex(UserError, r"4 of 4 customers \(100.0 %\) change class"):
            run.action_apply()
        with self.assertRaises(UserError):
            self._approve(run, self.officer)
        with self.assertRaisesRegex(UserError, "can't approve it"):
            self._approve(run, self.director)
        self.assertFalse(run.with_user(self.director).may_approve)
        self.assertTrue(run.with_user(self.second_director).may_approve)
        with self.assertRaisesRegex(UserError, "reason"):
            self._approve(run, self.second_director, "  ")
        self.assertIn(self.second_director, run.activity_ids.user_id)
        self.assertNotIn(self.director, run.activity_ids.user_id)
        self._approve(run, self.second_director)
        self.assertEqual((run.state, run.approved_by), ("approved", self.second_director))
        self.assertFalse(run.activity_ids)
        run.with_user(self.officer).action_apply()
        self.assertEqual(self._history(self.shops[0]).approved_by, self.second_director)

    def test_computing_again_voids_the_approval(self):
        run = self._new_run()
        run.action_compute()
        self._approve(run, self.director)
        run.action_compute()
        self.assertEqual((run.state, run.approved_by.id), ("computed", False))
        with self.assertRaisesRegex(UserError, "has to approve"):
            run.action_apply()

    def test_small_moves_need_none(self):
        self.retail.write({"approval_count": 4})
        run = self._new_run()
        run.action_compute()
        self.assertFalse(run.needs_approval)
        run.action_apply()
        self.assertEqual(run.state, "applied")
        with self.assertRaisesRegex(UserError, "already"):
            self._approve(run, self.director)

    def test_share_on_its_bound(self):
        self._apply_all()
        figures = {shop: (2 + number, 1) for number, shop in enumerate(self.shops)}
        figures[self.shops[0]] = (0.01, 1)
        self.retail.write({"approval_share": 25, "approval_count": 0, "down_after": 1})
        with self._figures(figures):
            run = self._new_run()
            run.action_compute()
            self.assertEqual((run.moved_count, run.needs_approval), (1, False), "25 % is not above 25 %")
            self.retail.approval_share = 24.99
            run.action_compute()
            self.assertTrue(run.needs_approval)

    def _apply_all(self):
        self.retail.approval_share = 100
        self._apply()


@tagged("post_install", "-at_install")
class TestCron(CustomerTieringCommon):
    """Monthly runs by themselves, in batches, resumed where they stopped."""

    def _cron(self):
        self.env["customer.tier.run"].with_user(self.env.ref("base.user_root"))._cron_process()

    def setUp(self):
        super().setUp()
        # The scheduled action commits; here its steps are kept in the transaction of the test.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60.0)
        self.shop = self._shop("Shop", 12, 2.3)

    def _runs(self, scheme=None):
        return self.env["customer.tier.run"].search(
            [("scheme_id", "=", (scheme or self.retail).id), ("company_id", "=", self.company.id)], order="id"
        )

    def test_one_run_a_month(self):
        self._cron()
        [run] = self._runs()
        self.assertEqual((run.state, run.month), ("computed", self.MONTH))
        self.assertFalse(self._runs(self.wholesale), "nobody is in that scheme")
        self.assertIn(self.director, run.activity_ids.user_id)
        self._cron()
        self.assertEqual(self._runs(), run)
        run.with_user(self.officer).action_apply()
        self._cron()
        self.assertEqual(self._runs(), run)
        with freeze_time(date(2025, 8, 1)):
            self._cron()
        self.assertEqual(self._runs()[1:].mapped("month"), [date(2025, 7, 1)])

    def test_catches_up_and_drops_stale_previews(self):
        self._cron()
        stale = self._runs()
        with freeze_time(date(2025, 10, 2)):
            self._cron()
        self.assertEqual(stale.state, "cancelled")
        self.assertEqual(self._runs()[-1].month, date(2025, 9, 1))

    def test_a_cancelled_month_stays_cancelled(self):
        self._cron()
        self._runs()._cancel("Not this month")
        self._cron()
        self.assertEqual(self._runs().mapped("state"), ["cancelled"])

    def test_apply_by_itself(self):
        self.retail.auto_apply = True
        self._cron()
        self.assertEqual(self._runs().state, "applied")
        self.assertEqual(self._class(self.shop), "AAA")

    def test_mass_moves_never_apply_by_themselves(self):
        self.retail.write({"auto_apply": True, "approval_share": 0, "approval_count": 0})
        self._cron()
        self.assertEqual(self._runs().state, "computed")
        self.assertFalse(self._membership(self.shop))

    def test_batches_go_on_where_they_stopped(self):
        module = "odoo.addons.customer_tiering.models.customer_tier_run"
        shops = [self._shop(f"Shop {number}", 1 + number, 1) for number in range(7)]
        self.startPatcher(patch(f"{module}.INLINE", 2))
        self.startPatcher(patch(f"{module}.BATCH", 3))
        run = self._new_run()
        run.action_compute()
        self.assertEqual(run.state, "computing")
        self._cron()
        self.assertEqual((run.state, run.customer_count), ("computed", 8))
        run.action_apply()
        self.assertEqual(run.state, "applying")
        self.assertEqual(run.sudo()._apply_batch(), 5)
        self.assertEqual(run.progress, 37.5)
        done = [shop for shop in [*shops, self.shop] if self._membership(shop)]
        self.assertEqual(len(done), 3)
        with self.assertRaisesRegex(UserError, "already"):
            run._cancel("Stop")
        self._cron()
        self.assertEqual((run.state, run.progress), ("applied", 100))
        self.assertEqual({self._class(shop) for shop in shops}, {"B", "B+", "A"})
        self.assertEqual([len(self._history(shop)) for shop in [*shops, self.shop]], [1] * 8)

    def test_end_of_what_was_fixed(self):
        self._apply()
        self.env["customer.tier.override"].with_user(self.director).create(
            {
                "partner_id": self.shop.id,
                "scheme_id": self.retail.id,
                "company_id": self.company.id,
                "tier_id": self._tier("C").id,
                "reason": "Lawsuit",
                "date_to": self.TODAY + timedelta(days=10),
            }
        )
        self.assertEqual(self._class(self.shop), "C")
        with freeze_time(self.TODAY + timedelta(days=9)):
            self._cron()
        self.assertEqual(self._class(self.shop), "C")
        with freeze_time(self.TODAY + timedelta(days=10)):
            self._cron()
        self.assertEqual(self._class(self.shop), "AAA")
