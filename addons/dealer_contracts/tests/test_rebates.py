import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.dealer_contracts.models import rebate_words

from .common_terms import STANDARD, TermsCase

NOW = "2025-12-31 10:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRebates(TermsCase):
    """D7: what the invoices of a customer earn, and how it is paid."""

    # === AS PRINTED === #

    def test_words(self):
        """Each band says where it begins and ends: it is part of what is signed."""
        rebate = self._rebate(factors=((0, 75, 100), (75, 100, 60), (100, 0, 0)))
        currency = self.company.currency_id.name
        award = self._rebate(((0, 5_000, 0), (5_000, 0, 300)), pay="fixed")
        single = self._rebate(((0, 0, 2),), mode="whole")
        for row, lang, parts in (
            (
                rebate,
                "en_US",
                (
                    f"; 1 % of the part below 10,000 {currency}; ",
                    f"; 2 % of the part from 10,000 {currency} to below 20,000 {currency}; ",
                    f"; 3 % of the part from 20,000 {currency} on; ",
                    "; 60 % of the rebate if payment takes from 75 days to below 100 days; ",
                    "; no rebate if payment takes from 100 days on.",
                ),
            ),
            (
                rebate,
                "zh_CN",
                ("；自开票起不足 75 天付款的，按应得返利的 100% 计；", "；自开票起 100 天（含）以上付款的，不计返利。"),
            ),
            (award, "en_US", (f"deducted; an award of 300 {currency} from 5,000 {currency} on.",)),
            (single, "zh_CN", ("；返利 2%。",)),
        ):
            text = rebate_words.rebate(row, lang)
            for part in parts:
                self.assertIn(part, text)
        self.company.currency_id = self.env.ref("base.CNY")
        self.assertIn("；10,000 元（含）至 20,000 元（不含）的部分返利 2%；", rebate_words.rebate(rebate, "zh_CN"))

    # === WHAT IS EARNED === #

    def test_25000_earn_450(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        self.assertEqual(self.earned(rebate), "450.00")
        with self.subTest("as the list shows it"):
            found = rebate.with_user(self.finance)
            self.assertEqual((found.turnover, found.accrued, found.settled, found.payable), (25_000, 450, 0, 450))

    def test_two_branches_are_one_customer(self):
        """8,000 each are 16,000 together: 320 at the rate reached, and not twice 80."""
        rebate = self._rebate(mode="whole")
        self._invoice("2025-03-01", 8_000, partner=self.branch)
        self._invoice("2025-04-01", 8_000, partner=self.contact)
        self._invoice("2025-04-01", 50_000, partner=self.other_customer)
        self.assertEqual(self.earned(rebate), "320.00")

    def test_exact_boundary(self):
        rebate = self._rebate(mode="whole")
        self._invoice("2025-03-01", 9_999.99)
        self.assertEqual(self.earned(rebate), "100.00")
        self._invoice("2025-03-02", 0.01)
        self.assertEqual(self.earned(rebate), "200.00", "10,000 belong to the band from 10,000 on")

    def test_at_any_date(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 10_000)
        self._invoice("2025-06-01", 10_000)
        for day, expected in (
            ("2025-03-01", "0.00"),
            ("2025-03-02", "100.00"),
            ("2025-06-01", "100.00"),
            ("2025-06-02", "300.00"),
        ):
            with self.subTest(day=day):
                self.assertEqual(self.earned(rebate, day), expected)
                shown = rebate.with_user(self.finance).with_context(rebate_date_to=day)
                self.assertEqual(shown.accrued, float(expected))

    def test_nothing_outside_the_term(self):
        """The first day counts, the day of the end doesn't."""
        rebate = self._rebate()
        for day in ("2024-12-31", "2026-01-01"):
            self._invoice(day, 5_000)
        self.assertEqual(self.earned(rebate, "2026-06-01"), "0.00")
        self._invoice("2025-01-01", 1_000)
        self._invoice("2025-12-31", 2_000)
        self.assertEqual(self.earned(rebate, "2026-06-01"), "30.00")

    def test_periods(self):
        """Each quarter has bands of its own; they are counted from the first day."""
        rebate = self._rebate(period="quarter", contract={"start": "2025-01-15", "end": "2026-01-15"})
        self._invoice("2025-04-14", 12_000)
        self._invoice("2025-04-15", 12_000)
        rows = rebate._accruals(date(2025, 5, 1))[rebate.id]
        self.assertEqual([row.date_from for row in rows], [date(2025, 1, 15), date(2025, 4, 15)])
        self.assertEqual([str(row.earned) for row in rows], ["140.00", "140.00"])

    def test_months_from_the_last_of_a_month(self):
        """A period that begins on the 31st doesn't wander to the 28th."""
        rebate = self._rebate(period="month", contract={"start": "2025-01-31", "end": "2025-06-01"})
        starts = [row.date_from for row in rebate._accruals(date(2025, 7, 1))[rebate.id]]
        self.assertEqual(
            starts,
            [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31)],
        )

    def test_products_and_categories(self):
        category = self.env["product.category"].create({"name": "Antibiotics"})
        below = self.env["product.category"].create({"name": "Oral", "parent_id": category.id})
        self.product.categ_id = below
        by_category = self._rebate(category_ids=[Command.set(category.ids)])
        by_product = self._rebate(product_ids=[Command.set(self.other_product.ids)])
        line = {"quantity": 1, "tax_ids": [Command.clear()]}
        self._invoice(
            "2025-03-01",
            0,
            invoice_line_ids=[
                Command.create({"product_id": self.product.id, "price_unit": 6_000, **line}),
                Command.create({"product_id": self.other_product.id, "price_unit": 4_000, **line}),
            ],
        )
        self.assertEqual((self.earned(by_category), self.earned(by_product)), ("60.00", "40.00"))

    def test_quantity_in_the_units_of_the_product(self):
        """Two dozen are 24; money for each unit."""
        rebate = self._rebate(((0, 20, "0.5"), (20, 0, 1)), basis="quantity", pay="unit")
        invoice = self._invoice("2025-03-01", 100, post=False)
        invoice.invoice_line_ids.write({"quantity": 2, "product_uom_id": self.env.ref("uom.product_uom_dozen").id})
        invoice.action_post()
        self.assertEqual(self.earned(rebate), "14.00")

    def test_award(self):
        rebate = self._rebate(((0, 100_000, 0), (100_000, 0, 2_000)), pay="fixed", name="Annual award")
        self._invoice("2025-03-01", 99_999.99)
        self.assertEqual(self.earned(rebate), "0.00")
        self._invoice("2025-03-01", 0.01)
        self.assertEqual(self.earned(rebate), "2000.00")

    def test_other_companies_drafts_and_down_payments(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 5_000, post=False)
        advance = self._invoice("2025-03-01", 5_000, post=False)
        advance.invoice_line_ids.is_downpayment = True
        advance.action_post()
        self.assertEqual(self.earned(rebate), "0.00")

    def test_foreign_currency_once(self):
        """1,000 at 7 are 7,000 of the company's currency: 70."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 1_000, currency=self.sevens)
        self.assertEqual(self.earned(rebate), "70.00")

    def test_taxes_dont_count(self):
        rebate = self._rebate()
        self._invoice(
            "2025-03-01",
            0,
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "price_unit": 1_000,
                        "tax_ids": [Command.set(self.company_data["default_tax_sale"].ids)],
                    }
                )
            ],
        )
        self.assertEqual(self.earned(rebate), "10.00")

    # === RETURNS === #

    def test_returns(self):
        """A return counts in the period of the invoice that it takes back, from its own date on."""
        rebate = self._rebate(period="quarter")
        invoice = self._invoice("2025-03-01", 12_000)
        self._invoice("2025-04-02", 1_000)
        self._reverse(invoice, "2025-04-10", quantity=0.5)
        rows = rebate._accruals(date(2025, 4, 10))[rebate.id]
        self.assertEqual([str(row.earned) for row in rows], ["140.00", "10.00"])
        rows = rebate._accruals(date(2025, 4, 11))[rebate.id]
        self.assertEqual([str(row.earned) for row in rows], ["60.00", "10.00"])

    def test_return_without_invoice(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 12_000)
        self._invoice("2025-05-01", 3_000, move_type="out_refund")
        self.assertEqual(self.earned(rebate), "90.00")

    def test_more_returned_than_bought(self):
        rebate = self._rebate()
        self._invoice("2025-05-01", 3_000, move_type="out_refund")
        self.assertEqual(self.earned(rebate), "0.00")

    # === PAYMENT IN TIME === #

    FACTORS = ((0, 31, 100), (31, 61, 50), (61, 0, 0))

    def test_late_payment(self):
        """10,000 earn 100: all of it within 30 days, half within 60, nothing later, nothing while unpaid."""
        for day, expected in (
            ("2025-03-01", "100.00"),
            ("2025-03-31", "100.00"),
            ("2025-04-01", "50.00"),
            ("2025-04-30", "50.00"),
            ("2025-05-01", "0.00"),
            (None, "0.00"),
        ):
            with self.subTest(paid=day):
                customer = self.env["res.partner"].create({"name": "Dealer", "is_company": True})
                rebate = self._rebate(STANDARD, self.FACTORS, {"partner": customer})
                invoice = self._invoice("2025-03-01", 10_000, partner=customer)
                if day:
                    self._pay(invoice, day)
                self.assertEqual(self.earned(rebate), expected)

    def test_payment_in_parts(self):
        """6,000 in time, 2,000 late, 2,000 unpaid: 70 % of 100. What a return took back had not to be paid."""
        rebate = self._rebate(STANDARD, self.FACTORS)
        invoice = self._invoice("2025-03-01", 10_000)
        self._pay(invoice, "2025-03-10", 6_000)
        self._pay(invoice, "2025-04-10", 2_000)
        self.assertEqual(self.earned(rebate), "70.00")
        self.assertEqual(self.earned(rebate, "2025-04-10"), "60.00", "as it was before the second payment")

    def test_payment_and_return(self):
        """4,000 of 10,000 came back; the other 6,000 were paid in time: all of 60."""
        rebate = self._rebate(STANDARD, self.FACTORS)
        invoice = self._invoice("2025-03-01", 10_000)
        refund = self._reverse(invoice, "2025-03-05", quantity=0.4)
        if not refund.line_ids.full_reconcile_id:
            receivable = (invoice + refund).line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            receivable.filtered(lambda line: not line.reconciled).reconcile()
        self._pay(invoice, "2025-03-20")
        self.assertEqual(self.earned(rebate), "60.00")

    def test_payment_of_the_products_alone(self):
        """Of an invoice over other products too, the share of these counts: 5,000 of 20,000, half paid in time."""
        rebate = self._rebate(STANDARD, self.FACTORS, product_ids=[Command.set(self.product.ids)])
        line = {"quantity": 1, "tax_ids": [Command.clear()]}
        invoice = self._invoice(
            "2025-03-01",
            0,
            invoice_line_ids=[
                Command.create({"product_id": self.product.id, "price_unit": 5_000, **line}),
                Command.create({"product_id": self.other_product.id, "price_unit": 15_000, **line}),
            ],
        )
        self._pay(invoice, "2025-03-20", 10_000)
        self.assertEqual(self.earned(rebate), "25.00")

    # === TABLES === #

    def test_gaps_are_refused(self):
        draft = self._contract(state="draft")
        Rebate = self.env["dealer.contract.rebate"].with_user(self.author)
        for bands, message in (
            (((0, 10_000, 1), (10_001, 0, 2)), "from 10,000 on there is a gap"),
            (((0, 10_000, 1), (9_999, 0, 2)), "from 9,999 on two bands overlap"),
            (((1, 0, 1),), "they begin at 1 and not at 0"),
            (((0, 10_000, 1),), "from 10,000 on no rate is agreed"),
            (((0, 0, -1),), "the rate from 0 on is negative"),
        ):
            with self.subTest(bands=bands), self.assertRaisesRegex(ValidationError, message):
                Rebate.create({"contract_id": draft.id, **self._rebate_values(bands)})
        with self.assertRaisesRegex(ValidationError, "payment in time: from 30 on there is a gap"):
            Rebate.create({"contract_id": draft.id, **self._rebate_values(STANDARD, ((0, 30, 100), (31, 0, 50)))})

    def test_tables_change_together(self):
        """Bands move at once without a gap in between being an error; a single band that makes one is refused."""
        draft = self._contract(state="draft")
        rebate = (
            self.env["dealer.contract.rebate"]
            .with_user(self.author)
            .create({"contract_id": draft.id, **self._rebate_values()})
        )
        first, second, third = rebate.step_ids.sorted("lower")
        rebate.write(
            {
                "step_ids": [
                    Command.update(first.id, {"upper": 5_000}),
                    Command.delete(second.id),
                    Command.update(third.id, {"lower": 5_000}),
                ]
            }
        )
        for change in (
            lambda: third.write({"lower": 6_000}),
            third.unlink,
            lambda: third.with_context(rebate_tables=True).write({"lower": 6_000}),
            lambda: third.copy({"lower": 5_500}),
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                change()

    def test_units_go_by_quantity(self):
        draft = self._contract(state="draft")
        with self.assertRaisesRegex(ValidationError, "goes by the quantity"):
            self.env["dealer.contract.rebate"].with_user(self.author).create(
                {"contract_id": draft.id, **self._rebate_values(pay="unit")}
            )

    def test_kept_with_the_contract(self):
        """Once the contract is no draft, nobody changes its rebates."""
        rebate = self._rebate().with_user(self.manager)
        for change in (
            lambda: rebate.write({"mode": "whole"}),
            lambda: rebate.step_ids[0].write({"rate": 9}),
            rebate.step_ids[0].unlink,
            rebate.unlink,
            rebate.copy,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        with self.assertRaises(AccessError):
            rebate.write({"root_id": rebate.id})

    def test_part_of_what_is_agreed(self):
        """The rebate is printed, and the digest of the contract knows it."""
        draft = self._contract(state="draft", rebate_ids=[Command.create(self._rebate_values())])
        self.assertIn("from 10,000 ", draft.rebate_ids.sentence)
        self.assertIn(draft.rebate_ids.sentence, draft._policy_texts())
        before = draft._content_digest()
        draft.rebate_ids.step_ids.filtered(lambda step: step.lower == 10_000).rate = 2.5
        self.assertNotEqual(draft._content_digest(), before)
        self.assertFalse(draft._part_problems_policy())
        draft.no_policy = True
        self.assertTrue(draft._part_problems_policy())

    # === SETTLEMENT === #

    def settle(self, rebate, user=None, **how):
        return rebate.with_user(user or self.finance)._settle(**how)

    def test_settlement(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        settlement = self.settle(rebate)
        move = settlement.sudo().move_id
        self.assertEqual((settlement.amount, settlement.user_id, settlement.state), (450, self.finance, "draft"))
        self.assertEqual((move.move_type, move.state, move.amount_untaxed), ("out_refund", "draft", 450))
        self.assertEqual(move.partner_id, self.customer)
        attachment = self.env["ir.attachment"].search([("res_model", "=", "account.move"), ("res_id", "=", move.id)])
        self.assertEqual(attachment.name, f"{settlement.name}.xlsx".replace("/", "-"))
        self.assertTrue(attachment.raw.startswith(b"PK"))
        move.with_user(self.accountant).action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(self.payable(rebate), "0.00")

    def test_in_the_language_of_the_dealer(self):
        """Credit note and calculation are for the dealer: in its language, whoever settles in whichever."""
        for dealer_lang, user_lang, name, line, sheet in (
            ("zh_CN", "en_US", "（截至 ", "累计金额", "此前已结算"),
            ("en_US", "zh_CN", " until ", "turnover", "Settled Before"),
        ):
            with self.subTest(dealer=dealer_lang, user=user_lang):
                dealer = self.env["res.partner"].create({"name": dealer_lang, "is_company": True, "lang": dealer_lang})
                self.finance.lang = user_lang
                rebate = self._rebate(contract={"partner": dealer})
                self._invoice("2025-03-01", 25_000, partner=dealer)
                settlement = self.settle(rebate.with_context(lang=user_lang))
                self.assertIn(name, settlement.name)
                move = settlement.sudo().move_id
                self.assertIn(name, move.ref)
                self.assertIn(line, move.invoice_line_ids.name)
                attachment = self.env["ir.attachment"].search(
                    [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
                )
                book = load_workbook(io.BytesIO(attachment.raw))
                cells = {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
                self.assertIn(sheet, cells)

    def test_calculation_is_kept(self):
        rebate = self._rebate()
        invoice = self._invoice("2025-03-01", 25_000)
        settlement = self.settle(rebate)
        line = settlement.line_ids
        self.assertEqual((line.amount, line.earned, line.settled, line.payable), (25_000, 450, 0, 450))
        self.assertEqual(settlement.figures["documents"], [["2025-01-01", invoice.id, "25000.00", "1.000"]])
        self.assertEqual(settlement.figures["agreed"]["band"][1], ["10000.000", "20000.000", "2.0000"])
        for change in (
            lambda: settlement.write({"amount": 1}),
            lambda: settlement.sudo().write({"move_id": False}),
            lambda: settlement.sudo().unlink(),
            lambda: settlement.line_ids.sudo().write({"payable": 1}),
            lambda: settlement.line_ids.sudo().unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_never_twice(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        self.settle(rebate)
        for _attempt in range(2):
            with self.assertRaisesRegex(UserError, r"nothing to settle(.|\n)*earned \D*450.00, settled \D*450.00"):
                self.settle(rebate)
        with self.assertRaises(UserError):
            self.settle(rebate, date_to=date(2025, 6, 1))
        self._invoice("2025-06-01", 1_000)
        self.assertEqual(self.settle(rebate).amount, 30, "the rest alone")

    # === PENALTIES ARE TAKEN OFF === #

    def penalty(self, rebate, amount, day="2025-02-01"):
        """A proven sale outside the area of the contract, with a penalty that waits for the next settlement."""
        contract = rebate.contract_id
        area, elsewhere = (
            self.env["dealer.area"].sudo().create([{"name": f"Here {amount}"}, {"name": f"There {amount}"}])
        )
        contract.sudo()._write({"breach_penalty": 10})
        self.env.cr.execute("INSERT INTO dealer_area_dealer_contract_rel VALUES (%s, %s)", [contract.id, area.id])
        self.env.invalidate_all()
        breach = (
            self.env["dealer.area.breach"]
            .with_user(self.author)
            .create(
                {
                    "summary": f"Cartons for {amount}",
                    "contract_id": contract.id,
                    "area_id": elsewhere.id,
                    "date": day,
                    "amount": 10 * amount,
                    "evidence": "Lot 2511",
                }
            )
        )
        breach.with_user(self.manager)._decide("confirmed", "The codes are his")
        breach.with_user(self.manager).action_penalty_rebate()
        return breach

    def test_penalty_off_the_rebate(self):
        """25,000 earn 450; a penalty of 100 leaves a credit note of 350 with both on it."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        breach = self.penalty(rebate, 100)
        self.assertEqual(breach.penalty_open, 100, "chosen, not taken yet")
        settlement = self.settle(rebate)
        move = settlement.sudo().move_id
        self.assertEqual((settlement.amount, settlement.deducted, settlement.credited), (450, 100, 350))
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_refund", 350))
        self.assertEqual(move.invoice_line_ids.mapped("price_subtotal"), [450, -100])
        self.assertEqual(breach.penalty_open, 0)
        taken = breach.sudo().penalty_ids
        self.assertEqual((taken.way, taken.amount, taken.user_id, taken.move_id), ("rebate", 100, self.finance, move))
        move.action_post()
        self.assertEqual(self.payable(rebate), "0.00", "the rebate counts as paid in full")
        self._invoice("2025-06-01", 1_000)
        self.assertEqual(self.settle(rebate).credited, 30, "a penalty is taken once")
        with self.assertRaisesRegex(UserError, "nothing is open"):
            breach.with_user(self.manager).action_penalty_invoice()

    def test_penalty_above_the_rebate(self):
        """As far as it goes; the rest waits for the next, or is invoiced. The oldest comes first."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        later, earlier = self.penalty(rebate, 400, "2025-02-02"), self.penalty(rebate, 300, "2025-02-01")
        settlement = self.settle(rebate)
        self.assertEqual((settlement.credited, earlier.penalty_open, later.penalty_open), (0, 0, 250))
        settlement.sudo().move_id.action_post()
        self.assertEqual(settlement.state, "posted")
        self._invoice("2025-06-01", 1_000)
        self.assertEqual((self.settle(rebate).deducted, later.penalty_open), (30, 220))
        later.with_user(self.manager).action_penalty_invoice()
        invoice = later.sudo().penalty_ids.move_id.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual((invoice.amount_untaxed, later.penalty_open), (220, 0))

    def test_penalty_of_a_cancelled_settlement(self):
        """Its credit note is cancelled: rebate and penalty are both open again, and settled together."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        breach = self.penalty(rebate, 100)
        self.settle(rebate).sudo().move_id.button_cancel()
        self.assertEqual((breach.penalty_open, self.payable(rebate)), (100, "450.00"))
        again = self.settle(rebate)
        self.assertEqual((again.credited, breach.penalty_open), (350, 0))
        self.assertEqual(breach.sudo().penalty_ids.mapped("state"), ["draft", "void"])

    def test_penalty_of_another_dealer(self):
        rebate = self._rebate()
        other = self._rebate(contract={"partner": self.other_customer})
        breach = self.penalty(other, 100)
        self._invoice("2025-03-01", 25_000)
        self.assertEqual((self.settle(rebate).credited, breach.penalty_open), (450, 100))

    def test_penalty_is_no_turnover(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        breach = self.penalty(rebate, 5_000)
        breach.with_user(self.manager).action_penalty_invoice()
        invoice = breach.sudo().penalty_ids.move_id
        invoice.invoice_date = "2025-04-01"
        invoice.action_post()
        self.assertEqual(self.earned(rebate), "450.00")

    def test_several_rebates_one_penalty(self):
        """Two rebates of one dealer settled together: the penalty is taken off once."""
        first, second = self._rebate(), self._rebate()
        self._invoice("2025-03-01", 25_000)
        breach = self.penalty(first, 600)
        settlements = self.settle(first + second)
        self.assertEqual((sum(settlements.mapped("deducted")), breach.penalty_open), (600, 0))
        self.assertEqual(sorted(settlements.mapped("credited")), [0, 300])

    def test_rebates_are_no_returns(self):
        """The credit note of a rebate doesn't take turnover away."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        self.settle(rebate).sudo().move_id.action_post()
        self.assertEqual(self.earned(rebate), "450.00")

    def test_returns_after_settlement(self):
        """450 were paid for 25,000; 5,000 come back: 150 too much, which the next turnover makes up for."""
        rebate = self._rebate()
        invoice = self._invoice("2025-03-01", 5_000)
        self._invoice("2025-03-02", 20_000)
        self.settle(rebate)
        self._reverse(invoice, "2025-07-01")
        self.assertEqual(self.payable(rebate), "-150.00")
        with self.assertRaisesRegex(UserError, "nothing to settle"):
            self.settle(rebate)
        self._invoice("2025-08-01", 10_000)
        self.assertEqual(self.settle(rebate).amount, 150)

    def test_returns_of_an_earlier_period(self):
        """The second quarter makes up for what came back of the first."""
        rebate = self._rebate(period="quarter")
        invoice = self._invoice("2025-03-01", 10_000)
        self.settle(rebate, date_to=date(2025, 4, 1))
        self._reverse(invoice, "2025-05-01", quantity=0.5)
        self._invoice("2025-05-02", 10_000)
        settlement = self.settle(rebate, date_to=date(2025, 7, 1))
        self.assertEqual(settlement.line_ids.mapped("payable"), [-50, 100])
        self.assertEqual(settlement.amount, 50)

    def test_cancelled_is_settled_anew(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        settlement = self.settle(rebate)
        move = settlement.sudo().move_id
        with self.assertRaisesRegex(UserError, "is on record"):
            move.unlink()
        move.button_cancel()
        self.assertEqual(settlement.state, "void")
        self.assertEqual(self.payable(rebate), "450.00")
        self.assertEqual(self.settle(rebate).amount, 450)
        with self.assertRaisesRegex(UserError, "was cancelled"):
            move.button_draft()
        with self.assertRaisesRegex(UserError, "was cancelled"):
            move.with_user(self.accountant).write({"state": "posted"})

    def test_credit_note_says_what_was_calculated(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        move = self.settle(rebate).sudo().move_id
        move.invoice_line_ids.price_unit = 4_500
        with self.assertRaisesRegex(UserError, r"comes to \D*450.00 "):
            move.with_user(self.accountant).action_post()
        move.invoice_line_ids.price_unit = 450
        move.with_user(self.accountant).action_post()
        with self.assertRaisesRegex(UserError, "isn't taken back by a reversal"):
            move._reverse_moves()

    def test_who_may_settle(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        for user in (self.author, self.colleague, self.salesman, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.settle(rebate, user)
        with self.assertRaises(AccessError):
            self.env["dealer.contract.settlement"].with_user(self.manager).create(
                {"rebate_id": rebate.id, "name": "Mine", "date": "2025-03-01", "date_to": "2025-03-01", "amount": 9}
            )
        secret = self._rebate(contract={"partner": self.other_customer, "confidential": True})
        with self.assertRaises(AccessError):
            self.settle(secret)
        self.assertEqual(self.settle(rebate, self.manager).amount, 450)

    def test_not_in_advance(self):
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        with self.assertRaisesRegex(UserError, "isn't earned yet"):
            self.settle(rebate, date_to=date(2026, 1, 2))

    def test_several_at_once(self):
        """One credit note each; who has nothing to get is left out."""
        rebates = self._rebate() | self._rebate(contract={"partner": self.other_customer})
        self._invoice("2025-03-01", 25_000)
        settlements = self.settle(rebates)
        self.assertEqual(settlements.partner_id, self.customer)
        self._invoice("2025-03-01", 10_000, partner=self.other_customer)
        self._invoice("2025-04-01", 1_000)
        settlements = self.settle(rebates)
        self.assertEqual(sorted(settlements.mapped("amount")), [30, 100])

    def test_product_of_rebates(self):
        product = self.env["product.product"].create({"name": "Rebate", "type": "service", "taxes_id": False})
        self.company.rebate_product_id = product
        rebate = self._rebate()
        self._invoice("2025-03-01", 25_000)
        line = self.settle(rebate).sudo().move_id.invoice_line_ids
        self.assertEqual((line.product_id, line.price_unit, line.price_total), (product, 450, 450))
        self.assertIn("450.00", line.name)

    # === CHAINS === #

    def test_amendment_goes_on(self):
        """Turnover and settlements of the amended contract count in the amendment, which pays the difference."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 15_000)
        self.settle(rebate, date_to=date(2025, 4, 1))
        contract = rebate.contract_id
        with freeze_time("2025-07-01 10:00:00"):
            draft = self.env["dealer.contract"].browse(contract.with_user(self.author).action_amend()["res_id"])
            follower = draft.sudo().rebate_ids
            self.assertEqual((follower.origin_id, follower.date_from), (rebate, date(2025, 1, 1)))
            follower.step_ids.filtered(lambda step: step.lower == 20_000).rate = 4
            draft.sudo().state = "filed"
            self._invoice("2025-06-15", 1_000)
            self.assertEqual(self.payable(follower, "2025-07-02"), "0", "not yet in force")
            draft.sudo()._begin()
        self._invoice("2025-08-01", 9_000)
        self.assertFalse(rebate._accruals(date(2026, 1, 1))[rebate.id], "it goes on in the amendment")
        with self.assertRaisesRegex(UserError, "settle it there"):
            self.settle(rebate)
        self.assertEqual(self.earned(follower), "500.00")
        self.assertEqual(self.settle(follower).amount, 300)

    def test_renewal_begins_anew(self):
        rebate = self._rebate()
        contract = rebate.contract_id
        draft = self.env["dealer.contract"].browse(contract.with_user(self.author).action_renew()["res_id"])
        follower = draft.sudo().rebate_ids
        self.assertFalse(follower.origin_id or follower.date_from)
        self.assertEqual(len(follower.step_ids), 3)

    def test_terminated(self):
        """What was earned until the termination stays earned; later turnover earns nothing."""
        rebate = self._rebate()
        self._invoice("2025-03-01", 10_000)
        self._invoice("2025-06-01", 10_000)
        rebate.contract_id.with_user(self.author)._terminate(date(2025, 6, 1), "Closed its shop")
        self.assertEqual(self.earned(rebate), "100.00")
        self.assertEqual(self.settle(rebate).amount, 100)

    def test_drafts_earn_nothing(self):
        rebate = self._rebate(contract={"state": "review"})
        self._invoice("2025-03-01", 10_000)
        self.assertFalse(rebate._accruals()[rebate.id])

    # === COST === #

    def test_queries(self):
        """As many for 8 contracts as for 4."""
        customers = self.env["res.partner"].create([{"name": f"Dealer {n}", "is_company": True} for n in range(8)])
        rebates = (
            self.env["dealer.contract.rebate"]
            .union(
                *(self._rebate(STANDARD, self.FACTORS, {"partner": customer}, period="month") for customer in customers)
            )
            .sudo()
        )
        for customer in customers:
            self._pay(self._invoice("2025-03-01", 12_000, partner=customer), "2025-03-02")
        counts = {}
        for number in (4, 8):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = rebates[:number]._accruals(date(2026, 1, 1))
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual({str(sum(row.earned for row in rows)) for rows in found.values()}, {"140.00"})
        self.assertEqual(counts[8], counts[4])
        self.assertLessEqual(counts[8], 25, counts)
