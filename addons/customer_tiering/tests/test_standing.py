import ast
import doctest
from datetime import timedelta
from io import BytesIO

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.customer_tiering.models import pareto

from .common import CustomerTieringCommon

MODELS = "odoo.addons.base.models.ir_model"
RULES = "odoo.addons.base.models.ir_rule"


def load_tests(loader, tests, pattern):
    tests.addTests(doctest.DocTestSuite(pareto))
    return tests


class StandingCommon(CustomerTieringCommon):
    @classmethod
    def _propose(cls, model, *arguments, user=None, company=None):
        return cls.env[model].with_user(user or cls.officer)._propose_by_rule(company or cls.company, *arguments)

    @classmethod
    def _by_hand(cls, model, customer, user=None, **values):
        return (
            cls.env[model]
            .with_user(user or cls.officer)
            .create({"partner_id": customer.id, "company_id": cls.company.id, **values})
        )

    def _statements(self, action):
        """Return how many queries an action takes, from a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestPareto(CustomerTieringCommon):
    """The 80/20 rule, at its bounds."""

    def _few(self, amounts, *shares):
        return [customer for customer, place in pareto.places(amounts, *shares).items() if place.within]

    def test_the_few_reach_the_share(self):
        self.assertEqual(self._few({1: 50, 2: 30, 3: 20}, 80, 100), [1, 2])
        # One cent less, and the third is needed.
        self.assertEqual(self._few({1: 50, 2: 29.99, 3: 20.01}, 80, 100), [1, 2, 3])
        self.assertEqual(self._few({1: 100}), [1])

    def test_the_few_are_few(self):
        flat = dict.fromkeys(range(1, 11), 10)
        self.assertEqual(self._few(flat), [1, 2])
        self.assertEqual(self._few({**flat, 11: 10}), [1, 2, 3], "a share begun counts whole")
        self.assertEqual(self._few(flat, 80, 100), list(range(1, 9)))

    def test_who_brings_nothing_has_no_place(self):
        found = pareto.places({1: 100, 2: 0, 3: -50, 4: None})
        self.assertEqual(list(found), [1])
        self.assertEqual(found[1].cumulative, 100)

    def test_exact_in_cents(self):
        # As floats, the shares of these ten add up to less than 80 %.
        self.assertEqual(self._few(dict.fromkeys(range(1, 11), 0.1), 80, 100), list(range(1, 9)))


@tagged("post_install", "-at_install")
class TestKeyAccount(StandingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls._shop("Big", 30, 20, customer_ownership="private", customer_loyalty="loyal")
        cls.small = cls.env["res.partner"]
        for number in range(8):
            cls.small += cls._shop(f"Small {number}", 1, 10, user_id=cls.seller.id)

    def test_proposed_by_the_margin(self):
        account = self._propose("customer.key.account")
        self.assertEqual(account.partner_id, self.big)
        self.assertEqual((account.state, account.by_rule, account.rank), ("proposed", True, 1))
        # 12 months x 30 x 10,000 x 20 %, beside 8 x 12 x 10,000 x 10 %.
        self.assertEqual(account.margin, 720000)
        self.assertAlmostEqual(account.share, 100 * 720000 / 816000, places=2)
        self.assertIn("Rank 1 of 9", account.why)
        self.assertFalse(self.big.with_user(self.reader).is_key_account, "a proposal is no decision")

    def test_figures_equal_their_documents(self):
        account = self._propose("customer.key.account")
        action = account.with_user(self.reader).action_documents()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(rows.mapped("margin")), account.margin)

    def test_decided_by_a_director_with_a_reason(self):
        account = self._propose("customer.key.account")
        for user in (self.officer, self.reader, self.seller, self.clerk):
            with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
                account.with_user(user)._decide(True, "Mine")
        with self.assertRaisesRegex(UserError, "reason"):
            account.with_user(self.director)._decide(True, " ")
        action = account.with_user(self.director).action_confirm()
        wizard = Form(self.env["customer.standing.decision"].with_user(self.director).with_context(**action["context"]))
        wizard.reason = "Brings most"
        wizard.date_to = self.TODAY + timedelta(days=365)
        wizard.save().action_decide()
        self.assertEqual(
            (account.state, account.decided_by, account.decision_reason, account.date_from),
            ("confirmed", self.director, "Brings most", self.TODAY),
        )
        self.assertTrue(self.big.with_user(self.reader).is_key_account)
        self.assertIn("Grow together", self.big.with_user(self.reader).service_focus_id.focus)
        self.assertEqual(self.env["res.partner"].search([("is_key_account", "=", True)]), self.big)
        self.assertNotIn(self.big, self.env["res.partner"].search([("is_key_account", "=", False)]))
        with self.assertRaisesRegex(UserError, "Only what is proposed"):
            account.with_user(self.director)._decide(False, "Changed my mind")

    def test_what_was_decided_stays(self):
        account = self._propose("customer.key.account")
        account.with_user(self.director)._decide(True, "Brings most")
        for values in (
            {"state": "proposed"},
            {"decision_reason": "-"},
            {"decided_by": self.officer.id},
            {"figures": {}},
            {"margin": 1},
            {"date_to": "2030-01-01"},
            {"partner_id": self.small[0].id},
        ):
            with self.assertRaises(UserError, msg=values):
                account.with_user(self.director).with_context(install_mode=True).write(values)
        with self.assertRaises(UserError):
            account.sudo().unlink()
        account.with_user(self.officer).strategy = "Visit weekly"
        account.with_user(self.director)._end("Lost the licence")
        self.assertEqual((account.state, account.ended_by), ("ended", self.director))
        with self.assertRaisesRegex(UserError, "kept as it is"):
            account.sudo().strategy = "-"

    def test_forged_values_count_for_nothing(self):
        account = self._by_hand(
            "customer.key.account",
            self.small[0],
            state="confirmed",
            figures={"rank": 1, "margin": 10**9},
            decided_by=self.director.id,
            by_rule=True,
        )
        self.assertEqual((account.state, account.by_rule, account.decided_by.id), ("proposed", False, False))
        self.assertEqual((account.rank, account.margin), (2, 12000))
        forged = (
            self.env["customer.key.account"]
            .with_user(self.officer)
            .with_context(default_state="confirmed", default_date_from="2020-01-01")
            .create({"partner_id": self.small[1].id})
        )
        self.assertEqual((forged.state, forged.date_from), ("proposed", False))

    def test_proposing_again(self):
        account = self._propose("customer.key.account")
        self.assertFalse(self._propose("customer.key.account"), "proposed already")
        account.with_user(self.director)._decide(False, "Too risky")
        self.assertFalse(self._propose("customer.key.account"), "refused within the last year")
        with freeze_time(self.TODAY + relativedelta(years=1, days=1)):
            self._trade(self.big, [30] * 12, 20, self.MONTH + relativedelta(years=1))
            self.assertEqual(self._propose("customer.key.account").partner_id, self.big)

    def test_proposals_lapse_with_the_figures(self):
        account = self._propose("customer.key.account")
        hand = self._by_hand("customer.key.account", self.small[0])
        giant = self._shop("Giant", 900, 20)
        found = self._propose("customer.key.account")
        self.assertEqual(found.partner_id, giant)
        self.assertEqual(
            (account.state, hand.state), ("lapsed", "proposed"), "what people propose is for people to end"
        )

    def test_one_at_a_time(self):
        self._by_hand("customer.key.account", self.big)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._by_hand("customer.key.account", self.big)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.big.id})
        with self.assertRaisesRegex(ValidationError, "belongs to"):
            self._by_hand("customer.key.account", contact)

    def test_it_ends_by_itself(self):
        account = self._propose("customer.key.account")
        with self.assertRaisesRegex(UserError, "not in the future"):
            account.with_user(self.director)._decide(True, "For a year", self.TODAY)
        account.with_user(self.director)._decide(True, "For ten days", self.TODAY + timedelta(days=10))
        for days, state in ((9, "confirmed"), (10, "ended")):
            with freeze_time(self.TODAY + timedelta(days=days)):
                self.env["customer.key.account"]._cron_end_expired()
            self.assertEqual(account.state, state)

    def test_review_is_an_activity(self):
        account = self._by_hand(
            "customer.key.account", self.big, user_id=self.seller.id, review_date=self.TODAY + timedelta(days=30)
        )
        self.assertFalse(account.activity_ids)
        account.with_user(self.director)._decide(True, "Brings most")
        self.assertEqual(account.activity_ids.user_id, self.seller)
        account.with_user(self.officer).review_date = self.TODAY + timedelta(days=60)
        self.assertEqual(account.activity_ids.date_deadline, self.TODAY + timedelta(days=60))
        account.with_user(self.director)._end("Gone")
        self.assertFalse(account.activity_ids)

    def test_reading(self):
        own = self._by_hand("customer.key.account", self.small[0])
        foreign = self._by_hand("customer.key.account", self.big)
        both = own | foreign
        for user, seen in ((self.director, both), (self.officer, both), (self.reader, both), (self.seller, own)):
            found = self.env["customer.key.account"].with_user(user).search([("id", "in", both.ids)])
            self.assertEqual(found.ids, seen.sorted(lambda row: (row.rank, row.id)).ids, user.login)
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self.env["customer.key.account"].with_user(self.clerk).search([])
        for user in (self.reader, self.seller, self.clerk):
            with self.assertRaises(AccessError), mute_logger(MODELS):
                self._by_hand("customer.key.account", self.small[1], user=user)
            with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
                own.with_user(user).write({"strategy": "Mine"})

    def test_companies_do_not_mix(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.officer.company_ids += other
        self.assertFalse(self._propose("customer.key.account", company=other))
        self._propose("customer.key.account").with_user(self.director)._decide(True, "Brings most")
        self.assertFalse(self.big.with_user(self.officer).with_company(other).is_key_account)

    def test_customers_are_not_merged_silently(self):
        twin = self._shop("Twin", 1, 10)
        self._by_hand("customer.key.account", self.big)
        self._by_hand("customer.key.account", twin)
        with self.assertRaisesRegex(UserError, "Key Account"):
            self.env["base.partner.merge.automatic.wizard"]._merge((self.big | twin).ids, self.big)

    def test_queries_do_not_grow_with_the_customers(self):
        for number in range(30):
            self._shop(f"More {number}", 5 + number, 15)
        self._propose("customer.key.account", 1, 1)
        few = self._statements(lambda: self._propose("customer.key.account", 80, 20))
        many = self._statements(lambda: self._propose("customer.key.account", 100, 60))
        self.assertLessEqual(many, few + 2)
        customers = self.env["res.partner"].search([("name", "like", "More")])
        customers.with_user(self.reader).mapped("is_key_account")
        one = self._statements(lambda: customers[:10].with_user(self.reader).mapped("is_key_account"))
        more = self._statements(lambda: customers.with_user(self.reader).mapped("is_key_account"))
        self.assertEqual(more, one)


@tagged("post_install", "-at_install")
class TestSupportUnit(StandingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._shop(
            "康民大药房", 12, 2.3, customer_loyalty="loyal", shop_area=200, shop_location="busy", lang="en_US"
        )
        cls._apply()
        cls.on_time = cls.env.ref("customer_tiering.customer_standing_criterion_plaque_on_time")
        criteria = [
            cls.env.ref(f"customer_tiering.customer_standing_criterion_plaque_{name}")
            for name in ("class", "loyal", "area", "place")
        ]
        # Bridges add criteria of their own.
        cls.env["customer.standing.criterion"].search([("purpose", "=", "plaque")]).active = False
        cls.env["customer.standing.criterion"].union(*criteria).active = True

    def test_every_required_criterion_counts(self):
        for values in ({"customer_loyalty": "half"}, {"shop_area": 199.9}, {"shop_location": "ordinary"}):
            kept = {name: self.shop[name] for name in values}
            self.shop.write(values)
            self.assertFalse(self._propose("customer.support.unit"), values)
            self.shop.write(kept)
        unit = self._propose("customer.support.unit")
        self.assertEqual((unit.partner_id, unit.meets), (self.shop, True))
        self.assertEqual(len(unit.why.splitlines()), 4)
        self.assertIn("✓ Large shop (m²): 200", unit.why)

    def test_no_data_is_not_met(self):
        self.on_time.active = True
        self.assertFalse(self._propose("customer.support.unit"), "nobody knows whether it pays on time")
        unit = self._by_hand("customer.support.unit", self.shop)
        self.assertFalse(unit.meets)
        self.assertIn("– Good reputation: pays on time (%): no data", unit.why)

    def test_low_classes_are_not_proposed(self):
        self._tier("AAA").allows_plaque = False
        self.assertFalse(self._propose("customer.support.unit"))

    def test_from_number_to_return(self):
        unit = self._propose("customer.support.unit")
        self.assertFalse(unit.name)
        with self.assertRaisesRegex(UserError, "after the confirmation"):
            unit.with_user(self.officer).action_issue()
        with self.assertRaisesRegex(UserError, "certificate"):
            unit.with_user(self.officer).action_print()
        unit.with_user(self.director)._decide(True, "All criteria met")
        self.assertRegex(unit.name, r"^SSU2025-\d{4}$")
        unit.with_user(self.officer).action_issue()
        self.assertEqual((unit.plaque_state, unit.issued_on, unit.issued_by), ("issued", self.TODAY, self.officer))
        with self.assertRaises(UserError):
            unit.with_user(self.officer).action_issue()
        with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
            unit.with_user(self.reader).action_return()
        unit.with_user(self.director)._end("Disloyal")
        self.assertFalse(self.shop.is_support_unit)
        unit.with_user(self.officer).action_return()
        self.assertEqual((unit.plaque_state, unit.returned_by), ("returned", self.officer))
        with self.assertRaises(UserError):
            unit.with_user(self.officer).write({"plaque_state": "issued"})

    def test_certificate(self):
        self.env["res.lang"]._activate_lang("en_US")
        unit = self._propose("customer.support.unit")
        report = self.env["ir.actions.report"].with_user(self.reader).with_context(force_report_rendering=True)
        name = "customer_tiering.report_support_unit"
        with self.assertRaises(UserError):
            report._render_qweb_pdf(name, unit.ids)
        unit.with_user(self.director)._decide(True, "All criteria met", self.TODAY + timedelta(days=365))
        html = report._render_qweb_html(name, unit.ids)[0].decode()
        for text in ("康民大药房", unit.name, "July 15, 2025", "July 14, 2026", "Special Support Unit", 'lang="en-US"'):
            self.assertIn(text, html)
        pdf, kind = report._render_qweb_pdf(name, unit.ids)
        self.assertEqual((kind, pdf[:5]), ("pdf", b"%PDF-"))
        self.assertEqual(PdfFileReader(BytesIO(pdf)).getNumPages(), 1)
        if self.env["res.lang"]._get_data(code="zh_CN"):
            self.shop.lang = "zh_CN"
            html = report._render_qweb_html(name, unit.ids)[0].decode()
            for text in ("特供支持单位", "2025年7月15日"):
                self.assertIn(text, html)
        unit.with_user(self.director)._end("Disloyal")
        with self.assertRaises(UserError):
            report._render_qweb_pdf(name, unit.ids)


@tagged("post_install", "-at_install")
class TestSpecialCare(StandingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.standing.criterion"].search([]).active = False
        cls.share = cls.env.ref("customer_tiering.customer_standing_criterion_domineering_share")
        cls.margin = cls.env.ref("customer_tiering.customer_standing_criterion_domineering_margin")
        cls.orders = cls.env.ref("customer_tiering.customer_standing_criterion_worth_orders")
        cls.low = cls.env.ref("customer_tiering.customer_standing_criterion_worth_class")
        (cls.share | cls.margin | cls.orders | cls.low).active = True
        cls.orders.bound = 11
        cls.big = cls._shop("Big", 50, 2)
        cls.small = cls._shop("Small", 1, 10)
        cls._apply()

    def test_each_kind_by_its_criteria(self):
        care = self._propose("customer.special.care", "domineering")
        self.assertEqual((care.partner_id, care.kind), (self.big, "domineering"))
        self.assertIn("Presses the price", care.why)
        self.assertEqual(self._propose("customer.special.care", "worth").partner_id, self.small)
        self.margin.bound = 1.99
        self.assertFalse(self._propose("customer.special.care", "domineering"))
        self.assertEqual(care.state, "lapsed", "the figures support it no longer")

    def test_flag_strategy_and_review(self):
        care = self._by_hand(
            "customer.special.care",
            self.big,
            kind="domineering",
            strategy="Hold the price",
            measures="Two other buyers by autumn",
            user_id=self.seller.id,
            review_date=self.TODAY,
        )
        self.assertFalse(care.review_due)
        care.with_user(self.director)._decide(True, "Agreed")
        self.assertTrue(care.review_due)
        self.assertIn(care, self.env["customer.special.care"].search([("review_due", "=", True)]))
        self.assertNotIn(care, self.env["customer.special.care"].search([("review_due", "=", False)]))
        partner = self.big.with_user(self.reader)
        self.assertEqual(
            (partner.is_domineering, partner.is_worth_supporting, partner.standing_strategy),
            (True, False, "Hold the price"),
        )
        # Who is responsible reads it, also for a customer of somebody else.
        self.assertEqual(care.with_user(self.seller).strategy, "Hold the price")

    def test_criteria_are_for_directors(self):
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self.share.with_user(self.officer).bound = 1
        self.share.with_user(self.director).bound = 1
        with self.assertRaises(UserError):
            self.low.with_user(self.director).unlink()
        with self.assertRaises(ValidationError):
            self.env["customer.standing.criterion"].with_user(self.director).create(
                {"name": "Nothing", "purpose": "worth"}
            )

    def test_the_wizard_proposes(self):
        wizard = self.env["customer.standing.proposal"].with_user(self.officer)
        action = wizard.create({"kind": "domineering"}).action_propose()
        self.assertEqual(self.env[action["res_model"]].search(action_domain(action)).partner_id, self.big)
        for kind, model in (("key", "customer.key.account"), ("plaque", "customer.support.unit")):
            self.assertEqual(wizard.create({"kind": kind}).action_propose()["res_model"], model)
        with self.assertRaises(ValidationError):
            wizard.create({"kind": "key", "value_share": 0})
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(AccessError), mute_logger(RULES):
            wizard.create({"kind": "key", "company_id": other.id}).action_propose()


def action_domain(action):
    domain = action["domain"]
    return ast.literal_eval(domain) if isinstance(domain, str) else domain


@tagged("post_install", "-at_install")
class TestAnalysis(CustomerTieringCommon):
    """Composition and product mix add up to the trade that they are about (P4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._shop("Shop", 12, 20, customer_ownership="private")
        cls.other = cls._shop("Other", 2, 10)
        cls.dealer = cls._shop("Dealer", 80, 5, nature="distributor")
        cls._apply()

    def test_composition(self):
        ours = [("partner_id", "in", (self.shop | self.other | self.dealer).ids)]
        groups = self.env["customer.analysis.report"]._read_group(
            ours, ["nature", "tier_id"], ["partner_id:count_distinct", "sales:sum", "margin:sum", "margin_rate:avg"]
        )
        found = {(nature, tier.name): figures for nature, tier, *figures in groups}
        self.assertEqual(found[("third", self._class(self.shop))][:3], [1, 1440000, 288000])
        self.assertEqual(found[("distributor", False)][1], 9600000)
        total = self.env["customer.trade.report"]._read_group(ours, [], ["sales:sum", "margin:sum"])[0]
        self.assertEqual((sum(row[1] for row in found.values()), sum(row[2] for row in found.values())), total)
        # The rate of a group is that of its sums: (288,000 + 24,000) of 1,680,000.
        (rate,) = self.env["customer.analysis.report"]._read_group(
            [("partner_id", "in", (self.shop | self.other).ids)], [], ["margin_rate:avg"]
        )[0]
        self.assertAlmostEqual(rate, 100 * 312000 / 1680000)

    def test_product_mix(self):
        groups = self.env["sale.report"]._read_group(
            [("partner_id", "=", self.shop.id), ("state", "=", "sale")],
            ["customer_tier_id", "customer_nature", "customer_ownership", "product_id"],
            ["price_subtotal:sum", "margin:sum"],
        )
        self.assertEqual(len(groups), 1)
        tier, nature, ownership, product, sales, margin = groups[0]
        self.assertEqual((tier, nature, ownership), (self._membership(self.shop).tier_id, "third", "private"))
        self.assertEqual((product, sales, margin), (self.product, 1440000, 288000))

    def test_who_reads(self):
        for user, allowed in ((self.reader, True), (self.seller, False), (self.clerk, False)):
            self.assertEqual(self.env["customer.analysis.report"].with_user(user).has_access("read"), allowed)
        other = self.env["res.company"].create({"name": "Other"})
        self.reader.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["customer.analysis.report"].with_user(self.reader).search([]))
