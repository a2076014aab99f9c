from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.dealer_contracts.models.paper_words import PARTS

from .common import ContractCase

PARTY = (
    "name",
    "address",
    "contact",
    "phone",
    "legal_representative",
    "signatory",
    "bank_name",
    "bank_account",
    "tax_number",
)


@tagged("post_install", "-at_install")
class TestContent(ContractCase):
    """The eleven parts, what is missing, the library (D1, D2)."""

    def test_complete(self):
        contract = self._draft()
        self.assertFalse(contract.missing)
        self.assertEqual(contract.missing_count, 0)
        self.assertEqual(list(contract._part_problems()), [part for part, _title in PARTS])
        self.assertEqual(len(PARTS), 11)

    def test_each_part_is_checked(self):
        """Emptying any single thing is noticed in its part, and in no other."""
        holes = [
            ("subject", {"line_ids": [Command.clear()]}),
            ("quality", {"quality_standard": False}),
            ("quality", {"shelf_life_share": 0}),
            ("delivery", {"delivery_days": 0}),
            ("delivery", {"delivery_place": False}),
            ("delivery", {"transport_mode": False}),
            ("delivery", {"transport_cost": False}),
            ("acceptance", {"acceptance_days": 0}),
            ("acceptance", {"acceptance_method": False}),
            ("distribution", {"distribution_level": False}),
            ("distribution", {"date_end": False}),
            ("distribution", {"exclusive": True}),
            ("settlement", {"payment_term_id": False}),
            ("settlement", {"payment_method": False}),
            ("policy", {"no_policy": False}),
            ("ordering", {"order_method": False}),
            ("ordering", {"order_lead_days": 0}),
            ("ordering", {"return_terms": False}),
            ("breach", {"late_rate": 0}),
            ("breach", {"breach_penalty": 0}),
            ("breach", {"dispute": False}),
            ("breach", {"dispute": "arbitration"}),
            ("signing", {"date_signed": False}),
            ("signing", {"sign_place": False}),
            ("signing", {"copies": 0}),
            ("signing", {"auto_renew": True}),
        ]
        for part, values in holes:
            with self.subTest(part=part, values=list(values)):
                contract = self._draft()
                contract.write(values)
                found = {name for name, problems in contract._part_problems().items() if problems}
                self.assertEqual(found, {part})
                with self.assertRaisesRegex(UserError, "missing"):
                    contract.action_submit()
                self.assertEqual(contract.state, "draft")

    def test_line_is_checked(self):
        for values in ({"brand": False}, {"specification": False}, {"quantity": 0}, {"price_unit": 0}):
            with self.subTest(values=values):
                contract = self._draft()
                contract.line_ids[0].write(values)
                self.assertEqual(len(contract._part_problems()["subject"]), 1)

    def test_party_is_checked(self):
        contract = self._draft()
        for role in "ab":
            for name in PARTY:
                with self.subTest(role=role, name=name):
                    party = contract.party_ids.filtered(lambda party, role=role: party.role == role)
                    kept = party[name]
                    party[name] = False
                    self.assertEqual(len(contract._part_problems()["parties"]), 1)
                    party[name] = kept
        contract.party_b_id.phone = "12"
        self.assertIn("12 is no telephone number", contract.missing)

    def test_part_without_article(self):
        contract = self._draft()
        contract.article_ids.filtered(lambda article: article.part == "breach").unlink()
        self.assertEqual(contract._part_problems()["breach"], ["no article says anything about it"])

    def test_blank_variable(self):
        """What an article names and nobody has filled in is missing; on the paper of a draft it is a blank."""
        contract = self._draft()
        article = contract.article_ids.filtered(lambda article: article.part == "signing")
        article.body = "Notice: {notice_days} days before the end, contract {number}."
        contract.notice_days = 0
        self.assertEqual(contract._part_problems()["signing"], ["no value for {notice_days}"])
        self.assertIn("{notice_days}", article.text)
        printed = [row["paragraphs"][0]["text"] for row in contract._paper()["articles"] if row["part"] == "signing"]
        self.assertEqual(printed, ["Notice: ________ days before the end, contract ________."])
        with self.assertRaisesRegex(UserError, "notice_days"):
            contract.action_submit()
        contract.notice_days = 30
        self.assertFalse(contract.missing)

    def test_framework_needs_no_quantities(self):
        contract = self._draft(template_id=self.framework.id, line_ids=[], auto_renew=False)
        self.assertIn("price list", contract.missing)
        contract.category_ids = self.env.ref("product.product_category_goods")
        self.assertFalse(contract.missing)
        self.assertFalse(contract.amount_words, "no amount, no words")

    def test_parties_data(self):
        contract = self._draft()
        ours, theirs = contract.party_a_id, contract.party_b_id
        self.assertEqual(ours.name, "华东医药批发有限公司")
        self.assertEqual(ours.address, "上海市南京路1号")
        self.assertEqual(ours.bank_name, "中国工商银行上海分行")
        self.assertEqual(theirs.phone, "+86 138 0013 8000", "formatted")
        self.assertEqual((theirs.contact, theirs.signatory), ("赵强", "赵强"))
        signatory = self.env["res.partner"].create({"name": "周敏", "parent_id": self.dealer.id, "type": "other"})
        self.dealer.contract_signatory_id = signatory
        contract.action_refresh_parties()
        self.assertEqual((theirs.contact, theirs.signatory), ("赵强", "周敏"))

    def test_contact_stands_for_firm(self):
        contract = self._draft(dealer=self.dealer.child_ids[0])
        self.assertEqual(contract.partner_id, self.dealer)

    def test_text(self):
        contract = self._draft()
        subject = contract.article_ids.filtered(lambda article: article.part == "subject")
        self.assertEqual(contract.amount_total, 14104.0)
        self.assertIn("CNY 14,104.00（大写：人民币壹万肆仟壹佰零肆元整）", subject.text)
        signing = contract.article_ids.filtered(lambda article: article.part == "signing")
        self.assertIn("自2026年1月10日起生效，有效期至2027年1月9日", signing.text)
        for article in contract.article_ids:
            self.assertNotRegex(article.text, r"\{\w*\}", "everything is filled in")

    def test_text_is_in_the_language_of_the_contract(self):
        contract = self._draft(template_id=self.english.id)
        texts = "\n".join(contract.with_context(lang="zh_CN").article_ids.mapped("text"))
        self.assertIn("from 10 January 2026 to 9 January 2027", texts)
        self.assertIn("fourteen thousand, one hundred and four and 00/100", texts)

    def test_every_shipped_template_can_be_completed(self):
        for template in self.env["dealer.contract.template"].search([]):
            with self.subTest(template=template.name):
                contract = self._draft(template_id=template.id)
                self.assertFalse(contract.missing)
                self.assertTrue(all("{" not in text for text in contract._article_texts().values()))

    # === EVERYTHING THAT IS AGREED STANDS IN THE TEXT === #

    def _text(self, contract):
        return "\n".join(contract._article_texts().values())

    def _full(self, template, **values):
        """A contract in which everything is agreed that can be, with figures found nowhere else in it."""
        area = self.env["dealer.area"].create({"name": "Zhejiang", "country_id": self.env.ref("base.cn").id})
        category = self.env["product.category"].create({"name": "Cold Medicines"})
        pricelist = self.env["product.pricelist"].create({"name": "Dealers 7", "currency_id": self.cny.id})
        return self._draft(
            template_id=template.id,
            quality_standard="Standard Q1",
            shelf_life_share=61,
            delivery_days=17,
            delivery_place="Gate D3",
            transport_mode="pickup",
            transport_cost="buyer",
            acceptance_days=19,
            acceptance_method="Method A4",
            distribution_level="sole",
            exclusive=True,
            area_ids=area.ids,
            category_ids=category.ids,
            pricelist_id=pricelist.id,
            payment_method="acceptance",
            no_policy=False,
            policy_promotion="Fairs P7",
            policy_advertising="Posters P8",
            policy_staff="Trainers P9",
            rebate_ids=[
                Command.create(
                    {
                        "name": "Rebate R1",
                        "step_ids": [
                            Command.create({"lower": 0, "upper": 54321, "rate": 1}),
                            Command.create({"lower": 54321, "rate": 2.75}),
                        ],
                    }
                )
            ],
            commitment_ids=[Command.create({"name": "Minimum M1", "target": 987654})],
            deposit_amount=23456,
            order_method="Portal O8",
            order_lead_days=23,
            return_terms="Returns T8",
            late_rate=0.37,
            breach_penalty=13,
            dispute="arbitration",
            dispute_body="Commission C9",
            copies=6,
            notice_days=47,
            auto_renew=True,
            renewal_months=29,
            **values,
        )

    # What D1 asks for, in the words of the contract.
    SAYS = {
        "zh_CN": {
            "level": ["独家经销"],
            "exclusivity": ["授权方式：独家", "不再授权其他经销商"],
            "areas": ["Zhejiang"],
            "product range": ["本合同所列产品，以及下列类别的产品：", "Cold Medicines"],
            "years": ["2026年1月10日", "2027年1月9日"],
            "prices": ["本合同列有价格的产品按所列价格，其他产品按甲方价目表“Dealers 7”"],
            "quality": ["Standard Q1", "61%"],
            "delivery": ["17日内", "Gate D3", "乙方自提", "运费由乙方承担"],
            "acceptance": ["19日内", "Method A4"],
            "settlement": ["30", "银行承兑汇票"],
            "deposit": ["CNY 23,456.00（大写：人民币贰万叁仟肆佰伍拾陆元整）"],
            "rebates": ["Rebate R1", "2.75%", "54,321"],
            "minimum": ["Minimum M1", "987,654"],
            "promotion": ["促销支持：Fairs P7"],
            "advertising": ["广告支持：Posters P8"],
            "staff": ["人员支持：Trainers P9"],
            "ordering": ["Portal O8", "23日", "Returns T8"],
            "sales outside the area": ["窜货", "所涉货物金额的13%"],
            "breach": ["0.37‰", "13%", "提交Commission C9仲裁"],
            "renewal": ["期满前47日", "自动续期29个月"],
            "signing": ["2026年1月5日在上海签订", "一式6份"],
        },
        "en_US": {
            "level": ["sole distributor"],
            "exclusivity": ["rights are: exclusive", "appoints no other dealer"],
            "areas": ["Zhejiang"],
            "product range": ["the products listed in this contract and all products of: ", "Cold Medicines"],
            "years": ["10 January 2026", "9 January 2027"],
            "prices": ["as listed in this contract; for other products by the price list “Dealers 7” of Party A"],
            "quality": ["Standard Q1", "61 %"],
            "delivery": ["17 days", "Gate D3", "collected by Party B", "by Party B"],
            "acceptance": ["19 days", "Method A4"],
            "settlement": ["30", "bank acceptance bill"],
            "deposit": ["CNY 23,456.00 (in words: "],
            "rebates": ["Rebate R1", "2.75 %", "54,321"],
            "minimum": ["Minimum M1", "987,654"],
            "promotion": ["Promotion: Fairs P7"],
            "advertising": ["Advertising: Posters P8"],
            "staff": ["Staff support: Trainers P9"],
            "ordering": ["Portal O8", "23 days", "Returns T8"],
            "sales outside the area": ["not sell outside", "13 % of the value of the goods concerned"],
            "breach": ["0.37 ‰", "13 %", "submitted to arbitration by Commission C9"],
            "renewal": ["47 days before the end", "renewed for 29 months"],
            "signing": ["5 January 2026", "in 上海", "in 6 originals"],
        },
    }

    def test_text_says_all_that_is_agreed(self):
        for name in ("sale_zh", "framework_zh", "sale_en", "framework_en"):
            template = self.env.ref(f"dealer_contracts.template_{name}")
            contract = self._full(template)
            self.assertFalse(contract.missing, name)
            text = self._text(contract)
            says = dict(self.SAYS[template.lang])
            if name == "framework_en":
                says["exclusivity"] = ["rights: exclusive", "appoints no other dealer"]
            for title, pieces in says.items():
                for piece in pieces:
                    with self.subTest(template=name, about=title):
                        self.assertIn(piece, text)

    def test_text_says_what_is_not_agreed(self):
        for name, pieces in (
            (
                "sale_zh",
                (
                    "授权方式：非独家",
                    "经销产品范围：本合同所列产品。",
                    "价格执行：按本合同所列价格。",
                    "保证金：本合同不收取保证金",
                    "期满续期：期满即告终止，不自动续期；有意续签的一方应在期满前30日书面提出",
                    "不约定返利",
                    "不限区域",
                ),
            ),
            (
                "sale_en",
                (
                    "rights are: not exclusive",
                    "Product range: the products listed in this contract.",
                    "Prices: as listed in this contract.",
                    "Deposit: none is agreed",
                    "the contract ends and is not renewed by itself",
                    "No rebate",
                    "no limit of area",
                ),
            ),
        ):
            text = self._text(self._draft(template_id=self.env.ref(f"dealer_contracts.template_{name}").id))
            for piece in pieces:
                with self.subTest(template=name, piece=piece):
                    self.assertIn(piece, text)

    def test_product_range_is_what_the_gate_lets_pass(self):
        """Products alone are those products; a range is the range; nothing at all is everything."""
        contract = self._draft()
        self.assertIn("经销产品范围：本合同所列产品。", self._text(contract))
        category = self.env["product.category"].create({"name": "Cold Medicines"})
        contract.write({"line_ids": [Command.clear()], "category_ids": category.ids})
        self.assertIn("经销产品范围：Cold Medicines。", self._text(contract))
        contract.category_ids = False
        self.assertIn("经销产品范围：甲方经营的全部产品。", self._text(contract))
        contract.distribution_level = "none"
        self.assertIn("授权方式：不适用", self._text(contract))

    def test_minimum_without_policy(self):
        """What the dealer owes stands in the contract even if it gets nothing."""
        contract = self._draft(commitment_ids=[Command.create({"name": "Minimum M1", "target": 987654})])
        self.assertTrue(contract.no_policy)
        text = self._text(contract)
        self.assertIn("不约定返利", text)
        self.assertIn("987,654", text)

    def test_sole_is_exclusive(self):
        contract = self._draft(distribution_level="sole")
        self.assertEqual(len(contract._part_problems()["distribution"]), 1)
        self.assertIn("exclusive", contract.missing)

    def test_renewal_needs_a_notice(self):
        contract = self._draft(auto_renew=True, renewal_months=12, notice_days=0)
        self.assertEqual(contract._part_problems()["signing"], ["Notice"])
        self.assertIn("{renewal}", self._text(contract))
        contract.notice_days = 15
        self.assertFalse(contract.missing)
        self.assertIn("期满前15日", self._text(contract))

    def test_deposit_is_not_negative(self):
        with self.assertRaises(ValidationError):
            self._draft(deposit_amount=-1)

    # === LIBRARY === #

    def test_versions(self):
        clause = self.env.ref("dealer_contracts.clause_sale_zh_breach")
        before = self._draft()
        old = clause.version_id
        with self.assertRaisesRegex(UserError, "approved"):
            old.with_user(self.manager).write({"body": "anything"})
        with self.assertRaisesRegex(UserError, "approved"):
            old.sudo().unlink()
        draft_id = clause.with_user(self.manager).action_new_version()["res_id"]
        draft = self.env["dealer.contract.clause.version"].with_user(self.manager).browse(draft_id)
        draft.body = old.body + "\n新的一款。"
        self.assertEqual(clause.version_id, old, "a draft isn't used")
        draft.action_approve()
        self.assertEqual((clause.version_id, old.state, draft.approved_by), (draft, "retired", self.manager))
        article = before.article_ids.filtered(lambda article: article.part == "breach")
        self.assertEqual(article.version_id, old, "contracts keep theirs")
        self.assertTrue(article.newer)
        after = self._draft()
        self.assertIn("新的一款", after.article_ids.filtered(lambda article: article.part == "breach").body)
        article.action_take_newer()
        self.assertEqual(article.version_id, draft)

    def test_unknown_variable(self):
        clause = self.env.ref("dealer_contracts.clause_sale_zh_breach")
        with self.assertRaisesRegex(ValidationError, "party_c"):
            self.env["dealer.contract.clause.version"].with_user(self.manager).create(
                {"clause_id": clause.id, "body": "{party_c} {party_a.company_id}"}
            )

    def test_difference(self):
        contract = self._draft()
        article = contract.article_ids.filtered(lambda article: article.part == "breach")
        self.assertFalse(article.deviates)
        article.body = article.body.replace("先协商", "先友好协商<b>")
        self.assertTrue(article.deviates)
        self.assertEqual(contract.deviation_count, 1)
        self.assertIn("友好", article.difference)
        self.assertRegex(article.difference, r"<ins[^>]*>友好</ins>")
        self.assertNotIn("<b>", article.difference)

    # === SOURCES === #

    def test_from_order(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.dealer.id,
                "payment_term_id": self.term.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 40, "price_unit": 11, "tax_ids": False}
                    ),
                    Command.create({"display_type": "line_note", "name": "note"}),
                ],
            }
        )
        with self.assertRaises(UserError):
            order.with_user(self.salesman).action_make_contract()
        user = self._user("seller", "user")
        user.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        action = order.with_user(user).action_make_contract()
        contract = self.env["dealer.contract"].browse(action["res_id"])
        self.assertEqual((contract.partner_id, contract.order_id, contract.user_id), (self.dealer, order, user))
        self.assertEqual(contract.payment_term_id, self.term)
        self.assertEqual(contract.line_ids.mapped("quantity"), [40])
        self.assertEqual(contract.line_ids.mapped("price_unit"), [11])

    def test_from_pricelist(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Dealers",
                "currency_id": self.cny.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": product.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for product, price in ((self.product, 11.5), (self.second_product, 7.25))
                ],
            }
        )
        contract = self._draft(line_ids=[], pricelist_id=pricelist.id)
        contract.action_fill_from_pricelist()
        prices = {line.product_id: line.price_unit for line in contract.line_ids}
        self.assertEqual(prices, {self.product: 11.5, self.second_product: 7.25})
        with self.assertRaises(UserError):
            contract.action_fill_from_pricelist()
