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
        self.assertIn("自2026年1月10日起生效，至2027年1月9日终止", signing.text)
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
