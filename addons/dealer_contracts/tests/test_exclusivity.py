from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import format_date

from .common_terms import TermsCase


class AreaCase(TermsCase):
    """A country with provinces and cities, and products in categories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china = cls.env.ref("base.cn")
        cls.zhejiang, cls.jiangsu = (
            cls.env["res.country.state"].search([("country_id", "=", cls.china.id), ("code", "=", code)], limit=1)
            or cls.env["res.country.state"].create({"country_id": cls.china.id, "code": code, "name": name})
            for code, name in (("ZJ", "Zhejiang"), ("JS", "Jiangsu"))
        )

        def area(name, parent=None, **values):
            return cls.env["dealer.area"].sudo().create({"name": name, "parent_id": parent and parent.id, **values})

        cls.country = area("China", country_id=cls.china.id)
        cls.east = area("East", cls.country)
        cls.province = area("Zhejiang", cls.east, state_id=cls.zhejiang.id)
        cls.city = area("Hangzhou", cls.province, city="杭州市")
        cls.other_city = area("Ningbo", cls.province, city="宁波")
        cls.other_province = area("Jiangsu", cls.east, state_id=cls.jiangsu.id)
        cls.drugs, cls.food = cls.env["product.category"].create([{"name": "Drugs"}, {"name": "Food"}])
        cls.antibiotics = cls.env["product.category"].create({"name": "Antibiotics", "parent_id": cls.drugs.id})
        cls.product.categ_id = cls.antibiotics
        cls.other_product.categ_id = cls.food
        cls.rival = cls.env["res.partner"].create({"name": "Lakeside Trading", "is_company": True})

    @classmethod
    def _exclusive(cls, areas, categories=None, partner=None, **values):
        return cls._contract(
            partner or cls.rival,
            exclusive=True,
            area_ids=[Command.set(areas.ids)],
            category_ids=[Command.set(categories.ids if categories else [])],
            **values,
        )


@tagged("post_install", "-at_install")
class TestExclusivity(AreaCase):
    """D6: area x products x period belong to one dealer."""

    def conflicts(self, areas, categories=None, **values):
        values.setdefault("partner", self.customer)
        return self._exclusive(areas, categories, state="draft", **values)._exclusivity_conflicts()

    def test_overlap(self):
        self._exclusive(self.province, self.drugs, start="2025-01-01", end="2026-01-01")
        for what, areas, categories, start, end, expected in (
            ("the same", self.province, self.drugs, "2025-01-01", "2026-01-01", True),
            ("a city of the province", self.city, self.drugs, "2025-06-01", "2025-07-01", True),
            ("the country", self.country, self.drugs, "2025-06-01", "2025-07-01", True),
            ("products within", self.province, self.antibiotics, "2025-06-01", "2025-07-01", True),
            ("all products", self.province, None, "2025-06-01", "2025-07-01", True),
            ("one of several areas", self.other_province + self.city, self.drugs, "2025-06-01", "2025-07-01", True),
            ("the province beside", self.other_province, self.drugs, "2025-01-01", "2026-01-01", False),
            ("other products", self.province, self.food, "2025-01-01", "2026-01-01", False),
            ("before: the end is the first day without", self.province, self.drugs, "2024-01-01", "2025-01-01", False),
            ("its first day", self.province, self.drugs, "2024-01-01", "2025-01-02", True),
            ("after", self.province, self.drugs, "2026-01-01", "2027-01-01", False),
            ("its last day", self.province, self.drugs, "2025-12-31", "2027-01-01", True),
        ):
            with self.subTest(what):
                found = self.conflicts(areas, categories, start=start, end=end)
                self.assertEqual(bool(found), expected, found)

    def test_similar_paths_dont_overlap(self):
        """Area 1 isn't within area 11."""
        paths = {area: area.parent_path for area in self.env["dealer.area"].search([])}
        self.assertTrue(all(path.endswith("/") for path in paths.values()))
        first = self.env["dealer.area"].sudo().create([{"name": f"Area {n}"} for n in range(12)])
        self._exclusive(first[0])
        self.assertFalse(self.conflicts(first[1:]))

    def test_the_other_is_named(self):
        other = self._exclusive(self.province, self.drugs)
        [sentence] = self.conflicts(self.city, self.antibiotics, start="2025-06-01", end="2026-06-01")
        for part in (other.name, "Lakeside Trading", "China / East / Zhejiang / Hangzhou", "Antibiotics"):
            self.assertIn(part, sentence)
        start, end = (format_date(self.env, day) for day in ("2025-06-01", "2025-12-31"))
        self.assertTrue(sentence.endswith(f"{start} until {end}."), sentence)

    def test_products_of_the_contract(self):
        line = Command.create({"product_id": self.product.id, "price_unit": 1})
        self._exclusive(self.province, line_ids=[line])
        self.assertTrue(self.conflicts(self.city, self.drugs))
        self.assertFalse(self.conflicts(self.city, self.food))
        for product, expected in ((self.product, True), (self.other_product, False)):
            found = self.conflicts(self.city, line_ids=[Command.create({"product_id": product.id, "price_unit": 1})])
            self.assertEqual(bool(found), expected)

    def test_who_is_in_the_way(self):
        for state, expected in (
            ("draft", False),
            ("review", False),
            ("approved", True),
            ("sent", True),
            ("signed", True),
            ("filed", True),
            ("in_force", True),
            ("expired", False),
            ("terminated", False),
            ("cancelled", False),
        ):
            with self.subTest(state):
                other = self._exclusive(self.province, state=state)
                self.assertEqual(bool(self.conflicts(self.city)), expected)
                other.state = "cancelled"
        self._contract(self.rival, area_ids=[Command.set(self.province.ids)])
        self.assertFalse(self.conflicts(self.city), "who has no exclusive right isn't in the way")

    def test_not_in_its_own_way(self):
        """The same dealer, a contract and its amendment, another company."""
        contract = self._exclusive(self.province, partner=self.customer)
        self.assertFalse(self.conflicts(self.city))
        with freeze_time("2025-07-01"):
            draft = self.env["dealer.contract"].browse(contract.with_user(self.author).action_amend()["res_id"])
        self.assertFalse(draft.sudo()._exclusivity_conflicts())
        other_company = self.env["res.company"].create({"name": "Sister"})
        self._exclusive(self.province, company_id=other_company.id)
        self.assertFalse(self.conflicts(self.city))

    def test_renews_itself(self):
        """Who renews itself is in the way beyond its end, until notice is given."""
        other = self._exclusive(self.province, auto_renew=True, renewal_months=12, end="2026-01-01")
        later = {"start": "2027-01-01", "end": "2028-01-01"}
        [sentence] = self.conflicts(self.city, **later)
        self.assertTrue(sentence.endswith(f"until {format_date(self.env, '2027-12-31')}."), sentence)
        other.notice_date = "2025-09-01"
        self.assertFalse(self.conflicts(self.city, **later))

    def test_last_approval(self):
        """The route stops at the last approval, and the beginning of force looks again."""
        self._exclusive(self.province)
        contract = self._exclusive(self.city, partner=self.customer, state="review", end="2030-01-01")
        contract.approval_ids.create(
            {
                "contract_id": contract.id,
                "round": contract.round,
                "sequence": 0,
                "name": "All",
                "group_id": self.env.ref("dealer_contracts.group_contract_legal").id,
                "digest": "x",
            }
        )
        contract.digest = contract._content_digest()
        legal = self._user("excl_legal", "dealer_contracts.group_contract_legal")
        with self.assertRaisesRegex(UserError, "in the way: contract HT"):
            contract.with_user(legal).action_approve()
        self.assertEqual(contract.state, "review")
        contract.state = "filed"
        with self.assertRaisesRegex(UserError, "in the way"), freeze_time("2025-06-01"):
            contract._begin()

    def nightly(self, day):
        with freeze_time(f"{day} 12:00:00"), self.enter_registry_test_mode():
            self.env.ref("dealer_contracts.ir_cron_contract_states").method_direct_trigger()
        self.env.invalidate_all()

    def test_nightly_run_goes_on(self):
        """What stands against one contract doesn't keep the others of the night from being in force."""
        self._exclusive(self.city, self.drugs, partner=self.customer)
        hindered = self._exclusive(self.province, self.drugs, state="filed", start="2025-06-01")
        free = self._contract(self.other_customer, state="filed", start="2025-06-01")
        self.nightly("2025-06-01")
        self.assertEqual((hindered.state, free.state), ("filed", "in_force"))

        def told():
            return (
                self.env["mail.message"]
                .sudo()
                .search([("model", "=", hindered._name), ("res_id", "=", hindered.id), ("body", "like", "in the way")])
            )

        self.assertEqual(told().partner_ids, self.author.partner_id)
        self.nightly("2025-06-02")
        self.assertEqual(hindered.state, "filed")
        self.assertEqual(len(told()), 1)

    def test_nightly_queries(self):
        """Exclusive contracts begin, others renew themselves or end: as many statements for 12 as for 6."""
        counts = {}
        for number, year in ((2, 2029), (6, 2031), (12, 2041)):
            areas = self.env["dealer.area"].sudo().create([{"name": f"Area {year} {n}"} for n in range(number)])
            begun, renewed, ended = ([], [], [])
            for area in areas:
                begun.append(
                    self._exclusive(area, self.drugs, state="filed", start=f"{year}-01-01", end=f"{year + 1}-01-01")
                )
                span = {"start": f"{year - 1}-01-01", "end": f"{year}-01-01"}
                renewed.append(self._contract(auto_renew=True, renewal_months=12, **span))
                ended.append(self._contract(self.other_customer, **span))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.nightly(f"{year}-01-01")
            self.env.flush_all()
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual({contract.state for contract in begun + renewed}, {"in_force"})
            self.assertEqual({contract.state for contract in ended}, {"expired"})
            self.assertEqual({str(contract.date_end) for contract in renewed}, {f"{year + 1}-01-01"})
            for contract in (*begun, *renewed):
                contract.state = "cancelled"
        self.assertLessEqual(counts[12], counts[6] + 2, counts)

    def test_submission_says_it(self):
        self._exclusive(self.province)
        contract = self._exclusive(self.city, partner=self.customer, state="draft")
        self.assertTrue(contract._submission_problems())


@tagged("post_install", "-at_install")
class TestAreas(AreaCase):
    """Where an address lies."""

    def area(self, **address):
        partner = self.env["res.partner"].create({"name": "Shop", **address})
        return self.env["dealer.area"].browse(
            self.env["dealer.area"]._of_address(partner.country_id.id, partner.state_id.id, partner.city) or []
        )

    def test_narrowest(self):
        zhejiang = {"country_id": self.china.id, "state_id": self.zhejiang.id}
        for address, expected in (
            ({**zhejiang, "city": "杭州"}, self.city),
            ({**zhejiang, "city": "杭州市 "}, self.city),
            ({**zhejiang, "city": "宁波市"}, self.other_city),
            ({**zhejiang, "city": "Wenzhou"}, self.province),
            (zhejiang, self.province),
            ({"country_id": self.china.id}, self.country),
            ({"city": "杭州"}, self.env["dealer.area"]),
            ({"country_id": self.env.ref("base.fr").id}, self.env["dealer.area"]),
            ({}, self.env["dealer.area"]),
        ):
            with self.subTest(address=address):
                self.assertEqual(self.area(**address), expected)

    def test_parts_lie_where_the_whole_does(self):
        self.assertEqual((self.city.country_id, self.city.state_id), (self.china, self.zhejiang))
        self.assertEqual(self.city.complete_name, "China / East / Zhejiang / Hangzhou")
        self.east.name = "East China"
        self.assertEqual(self.city.complete_name, "China / East China / Zhejiang / Hangzhou")
        with self.assertRaises(UserError):
            self.east.parent_id = self.city

    def test_names_in_the_language_of_the_reader(self):
        """On the screen in the reader's language, on the paper in the contract's, whoever saved it last."""
        for area, name in (
            (self.country, "中国"),
            (self.east, "华东"),
            (self.province, "浙江"),
            (self.city, "杭州"),
        ):
            area.with_context(lang="zh_CN").name = name
        self.city.with_context(lang="zh_CN").city = "杭州市"
        english, chinese = (self.city.with_context(lang=lang) for lang in ("en_US", "zh_CN"))
        self.assertEqual(chinese.complete_name, "中国 / 华东 / 浙江 / 杭州")
        self.assertEqual(english.complete_name, "China / East / Zhejiang / Hangzhou")
        self.assertEqual(chinese.display_name, "中国 / 华东 / 浙江 / 杭州")
        self.assertEqual(english.display_name, "China / East / Zhejiang / Hangzhou")
        for lang, words, found in (
            ("zh_CN", "华东", self.east | self.other_province | self.province | self.city | self.other_city),
            ("zh_CN", "浙江 / 杭", self.city),
            ("zh_CN", "Hangzhou", self.env["dealer.area"]),
            ("en_US", "hangzhou", self.city),
            ("en_US", "杭州", self.env["dealer.area"]),
        ):
            with self.subTest(lang=lang, words=words):
                rows = self.env["dealer.area"].with_context(lang=lang).name_search(words, limit=None)
                self.assertEqual({row[0] for row in rows}, set(found.ids))
        by_name = [("complete_name", "=", "中国 / 华东")]
        self.assertEqual(self.env["dealer.area"].with_context(lang="zh_CN").search(by_name), self.east)
        for xmlid, reader, name in (
            ("template_framework_zh", "en_US", "中国 / 华东 / 浙江 / 杭州"),
            ("template_framework_en", "zh_CN", "China / East / Zhejiang / Hangzhou"),
        ):
            contract = self._contract(
                state="draft",
                template_id=self.env.ref(f"dealer_contracts.{xmlid}").id,
                area_ids=[Command.set(self.city.ids)],
            )
            texts = contract.with_context(lang=reader)._article_texts()
            self.assertIn(name, "\n".join(texts.values()))

    def test_map_in_its_order(self):
        """The parts of an area stand below it in lists."""
        areas = self.env["dealer.area"].search([("id", "child_of", self.country.id)])
        self.assertEqual(areas[0], self.country)
        for area in areas[1:]:
            self.assertLess(areas.ids.index(area.parent_id.id), areas.ids.index(area.id))

    def test_who_draws_the_map(self):
        for user in (self.author, self.salesman):
            self.assertEqual(self.city.with_user(user).name, "Hangzhou")
            with self.assertRaises(AccessError):
                self.city.with_user(user).name = "Mine"
        self.city.with_user(self.manager).name = "Hangzhou City"


@tagged("post_install", "-at_install")
class TestBreach(AreaCase):
    """D6: selling outside the area (窜货), with evidence and penalty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance_reader = cls._user(
            "breach_finance", "dealer_contracts.group_contract_finance,dealer_contracts.group_contract_custodian"
        )

    def breach(self, **values):
        contract = values.pop("contract", None) or self._contract(
            area_ids=[Command.set(self.city.ids)], breach_penalty=30
        )
        return (
            self.env["dealer.area.breach"]
            .with_user(self.author)
            .create(
                {
                    "summary": "Our cartons in Ningbo",
                    "contract_id": contract.id,
                    "area_id": self.other_city.id,
                    "amount": 12_000,
                    "evidence": "<p>Lot 2511, receipt of the shop</p>",
                    **values,
                }
            )
        )

    def test_penalty(self):
        breach = self.breach()
        self.assertEqual((breach.penalty_rate, breach.penalty), (30, 3_600))
        breach.with_user(self.manager)._decide("confirmed", "The codes are his")
        self.assertEqual(
            (breach.state, breach.decided_by, breach.decision), ("confirmed", self.manager, "The codes are his")
        )
        breach.contract_id.sudo().state = "draft"
        breach.contract_id.sudo().breach_penalty = 1
        self.assertEqual((breach.penalty_rate, breach.penalty), (30, 3_600), "as it was decided")

    def test_harmed_dealer(self):
        self._exclusive(self.province, self.food)
        self.assertFalse(self.breach(product_ids=[Command.set(self.product.ids)]).harmed_id)
        self.assertEqual(self.breach(product_ids=[Command.set(self.other_product.ids)]).harmed_id, self.rival)

    def test_within_the_area(self):
        with self.assertRaisesRegex(ValidationError, "lies within the areas"):
            self.breach(area_id=self.city.id)
        with self.assertRaisesRegex(ValidationError, "has no areas"):
            self.breach(contract=self._contract())

    def test_evidence(self):
        breach = self.breach(evidence=False)
        with self.assertRaisesRegex(UserError, "has no evidence"):
            breach.with_user(self.manager)._decide("confirmed", "I know him")
        self.env["ir.attachment"].with_user(self.author).create(
            {"name": "shop.jpg", "raw": b"x", "res_model": breach._name, "res_id": breach.id}
        )
        breach.with_user(self.manager)._decide("confirmed", "On the picture")

    def test_who_decides(self):
        breach = self.breach()
        with self.assertRaisesRegex(AccessError, "managers decide"):
            breach._decide("confirmed", "Mine")
        with self.assertRaises(AccessError):
            breach.write({"state": "confirmed"})
        with self.assertRaises(AccessError):
            self.breach(penalty=1)
        breach = breach.with_user(self.manager).copy({"summary": "Another"})
        with self.assertRaisesRegex(AccessError, "somebody else decides"):
            breach.with_user(self.manager)._decide("confirmed", "Found it myself")
        with self.assertRaisesRegex(UserError, "Say why"):
            breach.with_user(self.manager)._decide("dismissed", " ")

    def test_decided_is_kept(self):
        breach = self.breach()
        breach.with_user(self.manager)._decide("dismissed", "An old lot")
        for change in (
            lambda: breach.write({"amount": 1}),
            lambda: breach.with_user(self.manager).write({"evidence": "none"}),
            lambda: breach.with_user(self.manager).unlink(),
            lambda: breach.with_user(self.manager)._decide("confirmed", "After all"),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    # === THE PENALTY IS TAKEN === #

    def proven(self, **values):
        """A confirmed breach with a penalty of 3,600."""
        breach = self.breach(**values)
        breach.with_user(self.manager)._decide("confirmed", "The codes are his")
        return breach

    def test_penalty_is_invoiced(self):
        """By the product of the settings, its account and its taxes; who took it and when is on record."""
        tax = self.env["account.tax"].create({"name": "6 %", "amount": 6, "company_id": self.company.id})
        account = self.env["account.account"].create(
            {"name": "Penalties", "code": "PEN01", "account_type": "income_other"}
        )
        self.company.penalty_product_id = self.env["product.product"].create(
            {
                "name": "Penalty",
                "type": "service",
                "taxes_id": [Command.set(tax.ids)],
                "property_account_income_id": account.id,
            }
        )
        breach = self.proven().with_user(self.finance_reader)
        self.assertEqual(breach.penalty_open, 3_600)
        self.finance_reader.group_ids += self.env.ref("account.group_account_invoice")
        action = breach.action_penalty_invoice()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(
            (invoice.move_type, invoice.state, invoice.partner_id, invoice.amount_untaxed, invoice.amount_total),
            ("out_invoice", "draft", self.customer, 3_600, 3_816),
        )
        self.assertEqual(invoice.invoice_line_ids.account_id, account)
        self.assertIn(breach.contract_id.name, invoice.invoice_line_ids.name)
        taken = breach.sudo().penalty_ids
        self.assertEqual((taken.user_id, taken.way, taken.amount), (self.finance_reader, "invoice", 3_600))
        self.assertEqual(
            (breach.penalty_open, breach.penalty_way, breach.penalty_way_by), (0, "invoice", self.finance_reader)
        )
        invoice.action_post()
        self.assertEqual(taken.state, "posted")

    def test_penalty_in_the_language_of_the_dealer(self):
        self.customer.lang = "zh_CN"
        breach = self.proven().with_user(self.finance_reader).with_context(lang="en_US")
        breach.action_penalty_invoice()
        [line] = breach.sudo().penalty_ids.move_id.invoice_line_ids
        self.assertIn("窜货违约金：Our cartons in Ningbo", line.name)

    def test_penalty_never_twice(self):
        breach = self.proven().with_user(self.manager)
        breach.action_penalty_invoice()
        for again in (breach.action_penalty_invoice, breach.action_penalty_rebate):
            with self.assertRaisesRegex(UserError, "nothing is open"):
                again()
        invoice = breach.sudo().penalty_ids.move_id
        with self.assertRaisesRegex(UserError, "Cancel it instead"), self.cr.savepoint():
            invoice.unlink()
        invoice.invoice_line_ids.price_unit = 3_599
        with self.assertRaisesRegex(UserError, "comes to"), self.cr.savepoint():
            invoice.action_post()
        invoice.button_cancel()
        self.assertEqual((breach.penalty_open, breach.sudo().penalty_ids.state), (3_600, "void"))
        breach.action_penalty_invoice()
        with self.assertRaisesRegex(UserError, "taken anew"), self.cr.savepoint():
            invoice.button_draft()
        self.assertEqual(breach.penalty_open, 0)
        for change in (lambda row: row.write({"amount": 1}), lambda row: row.unlink()):
            with self.assertRaises(UserError), self.cr.savepoint():
                change(breach.sudo().penalty_ids[0])

    def test_who_takes_penalties(self):
        breach = self.proven()
        for user in (self.author, self.colleague, self.accountant):
            with self.assertRaises(AccessError):
                breach.with_user(user).action_penalty_invoice()
        with self.assertRaises(AccessError):
            breach.write({"penalty_way": "invoice"})
        with self.assertRaises(AccessError):
            self.env["dealer.area.penalty"].with_user(self.manager).create(
                {"breach_id": breach.id, "way": "rebate", "amount": 3_600, "date": "2025-01-01", "user_id": 1}
            )
        for state in ("draft", "dismissed"):
            other = self.breach()
            if state == "dismissed":
                other.with_user(self.manager)._decide("dismissed", "An old lot")
            with self.assertRaisesRegex(UserError, "isn't confirmed"):
                other.with_user(self.manager).action_penalty_invoice()
        breach.with_user(self.manager).action_penalty_rebate()
        penalty = breach.with_user(self.manager)
        penalty.action_penalty_invoice()
        self.assertTrue(self.env["dealer.area.penalty"].with_user(self.author).search([]))
        self.assertFalse(self.env["dealer.area.penalty"].with_user(self.colleague).search([]))

    def test_who_reads(self):
        breach = self.breach()
        with self.assertRaises(AccessError):
            breach.with_user(self.colleague).read(["summary"])
        self.assertFalse(self.env["dealer.area.breach"].with_user(self.colleague).search([]))
        self.assertEqual(self.env["dealer.area.breach"].with_user(self.manager).search([]), breach)
        with self.assertRaises(AccessError):
            breach.with_user(self.salesman).read(["summary"])

    def test_wizard(self):
        breach = self.breach().with_user(self.manager)
        action = breach.action_confirm()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"reason": "Proven"})
        )
        wizard.action_decide()
        self.assertEqual((breach.state, breach.decision), ("confirmed", "Proven"))
