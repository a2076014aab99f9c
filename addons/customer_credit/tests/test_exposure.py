from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestExposure(CreditCase):
    """C5: the exposure is exact; the cases others get wrong."""

    def test_receivable_overdue_and_ages(self):
        self._invoice(300, due=30, date=-10)
        self._invoice(500, due=-12, date=-42)
        self._invoice(200, due=0, date=-30)
        figures = self._exposure(ageing=True)
        self.assertEqual(figures.receivable, 1000)
        self.assertEqual(figures.overdue, 500, "due today is not overdue yet")
        self.assertEqual(figures.overdue_days, 12)
        self.assertEqual(figures.oldest_days, 42)
        self.assertEqual(figures.ageing, (500, 500, 0, 0, 0))
        self.assertEqual(figures.exposure, 1000)

    def test_nothing(self):
        figures = self._exposure()
        self.assertEqual((figures.exposure, figures.overdue_days, figures.oldest_days), (0, 0, 0))

    def test_foreign_currency_counts_once(self):
        """1,000 at 7 is 7,000, on the order as on the invoice."""
        eur = self._rate("EUR", 7.0)
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": eur.id, "company_id": self.company.id}
        )
        order = self._order(1000, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, eur)
        self.assertEqual(self._figures_of_judgement(order)["order_amount"], 7000)
        order.action_confirm()
        self.assertEqual(self._exposure().orders, 7000)
        order.sudo()._create_invoices().action_post()
        figures = self._exposure()
        self.assertEqual((figures.orders, figures.receivable, figures.exposure), (0, 7000, 7000))
        self._invoice(1000, currency_id=eur.id)
        self.assertEqual(self._exposure().receivable, 14000)
        self._invoice(100, currency_id=eur.id, post=False)
        self.assertEqual(self._exposure().draft_invoices, 700)

    def _figures_of_judgement(self, order):
        account = self._account(mode="none")
        figures = self._figures(order, "none")
        account.mode = "unlimited"
        return figures

    def test_branches_and_contacts_are_one_customer(self):
        branch = self.env["res.partner"].create(
            {"name": "North branch", "parent_id": self.customer.id, "type": "invoice"}
        )
        contact = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id})
        self._invoice(300, partner=branch)
        self._invoice(500, partner=contact)
        self._order(50, partner=contact).action_confirm()
        self.assertEqual(self._exposure().receivable, 800)
        self.assertEqual(self._exposure().exposure, 850)
        self.assertEqual(branch.with_user(self.salesman).credit_exposure, 850)
        own = self.env["res.partner"].create({"name": "Own company", "parent_id": self.customer.id, "is_company": True})
        self._invoice(70, partner=own)
        self.assertEqual(self._exposure().exposure, 850, "a subsidiary that is a company of its own owes for itself")
        self.assertEqual(self._exposure(own).exposure, 70)

    def test_both_invoice_policies(self):
        for product in (self.product, self.goods):
            with self.subTest(product.invoice_policy):
                customer = self._customer(product.invoice_policy)
                order = self._order(5000, partner=customer, product=product, quantity=50)
                order.action_confirm()
                self.assertEqual(self._exposure(customer).orders, 5000, "ordered counts, delivered or not")
                order.order_line.sudo().qty_delivered = 20
                self.assertEqual(self._exposure(customer).orders, 5000)
                order.order_line.sudo().qty_delivered = 60
                self.assertEqual(self._exposure(customer).orders, 6000, "delivered too much counts too")
                invoice = order.sudo()._create_invoices()
                self.assertEqual(self._exposure(customer).exposure, 6000, "a draft invoice changes nothing")
                self.assertEqual(self._exposure(customer).draft_invoices, 0)
                invoice.action_post()
                self.assertEqual(self._exposure(customer).exposure, 6000)

    def test_partly_invoiced(self):
        order = self._order(1000, product=self.goods, quantity=10)
        order.action_confirm()
        order.order_line.sudo().qty_delivered = 4
        order.sudo()._create_invoices().action_post()
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.orders, figures.exposure), (400, 600, 1000))
        self.assertEqual(order.uninvoiced_amount, 600)
        self.assertEqual(order.order_line.uninvoiced_amount, 600)

    def test_prepayment_reduces(self):
        self._order(1000).action_confirm()
        self._payment(400)
        figures = self._exposure()
        self.assertEqual((figures.orders, figures.unapplied, figures.exposure), (1000, 400, 600))
        self._payment(1000)
        self.assertEqual(self._exposure().exposure, -400, "more than paid is room for more")

    def test_payment_of_an_invoice(self):
        invoice = self._invoice(1000, due=-40)
        payment = self._payment(600)
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.unapplied, figures.exposure), (1000, 600, 400))
        lines = (invoice + payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.unapplied, figures.exposure, figures.overdue), (400, 0, 400, 400))

    def test_credit_notes_reduce(self):
        self._invoice(1000)
        self._invoice(300, move_type="out_refund")
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.unapplied, figures.exposure), (1000, 300, 700))
        self._invoice(200, move_type="out_refund", post=False)
        self.assertEqual(self._exposure().exposure, 700, "a draft credit note gives nothing back yet")

    def test_credit_note_of_a_return(self):
        """What came back and was credited is no longer owed, though the order asked for it."""
        order = self._order(1000, product=self.goods, quantity=10)
        order.action_confirm()
        line = order.order_line.sudo()
        line.qty_delivered = 10
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        line.qty_delivered = 7
        order.sudo()._create_invoices(final=True).action_post()
        figures = self._exposure()
        self.assertEqual((figures.orders, figures.exposure), (0, 700))

    def test_reversed_invoice_opens_the_order(self):
        order = self._order(1000, quantity=10)
        order.action_confirm()
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        invoice._reverse_moves([{"invoice_date": self.today}], cancel=True)
        figures = self._exposure()
        self.assertEqual((figures.orders, figures.exposure), (1000, 1000), "it will be invoiced again")

    def test_draft_invoices(self):
        self._invoice(250, post=False)
        self.assertEqual(self._exposure().draft_invoices, 250)
        self.company.credit_draft_invoices = False
        self.assertEqual(self._exposure().exposure, 0)

    def test_draft_invoice_never_vanishes(self):
        """An invoice in draft whose order doesn't count any more counts itself."""
        order = self._order(900)
        order.action_confirm()
        invoice = order.sudo()._create_invoices()
        self.assertEqual(self._exposure().exposure, 900)
        order.sudo()._action_cancel()
        self.assertEqual(invoice.state, "cancel", "Odoo cancels it with the order")
        self.assertEqual(self._exposure().exposure, 0)
        invoice.button_draft()
        self.assertEqual(self._exposure().exposure, 900)
        # Judged again, the order stands for its invoice.
        order.sudo().action_draft()
        self.assertEqual(self._exposure(excluding=order.sudo()).exposure, 0)

    def test_draft_invoice_with_more_lines(self):
        order = self._order(900)
        order.action_confirm()
        invoice = order.sudo()._create_invoices()
        invoice.invoice_line_ids = [Command.create({"name": "Freight", "price_unit": 60, "tax_ids": False})]
        figures = self._exposure()
        self.assertEqual((figures.orders, figures.draft_invoices, figures.exposure), (900, 60, 960))

    def test_down_payment(self):
        order = self._order(1000)
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "fixed",
                "fixed_amount": 300,
            }
        )
        down = wizard._create_invoices(order.sudo())
        self.assertEqual(self._exposure().exposure, 1000, "the draft of a down payment is part of the order")
        down.action_post()
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.orders, figures.exposure), (300, 700, 1000))
        final = order.sudo()._create_invoices(final=True)
        self.assertEqual(self._exposure().exposure, 1000)
        final.action_post()
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.orders, figures.exposure), (1000, 0, 1000))

    def test_taxes_count(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13",
                "amount": 13,
                "type_tax_use": "sale",
                "company_id": self.company.id,
                "tax_group_id": self.env["account.tax.group"].create({"name": "VAT", "company_id": self.company.id}).id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )
        order = self._order(100)
        order.order_line.tax_ids = tax
        order.action_confirm()
        self.assertEqual(self._exposure().orders, 113)
        self._invoice(100, post=False).invoice_line_ids.tax_ids = tax
        self.assertEqual(self._exposure().draft_invoices, 113)

    def test_discount_lines_and_returns_in_an_order(self):
        order = self._order(1000)
        order.order_line = [
            Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": -100, "tax_ids": False}),
            Command.create({"product_id": self.product.id, "product_uom_qty": -2, "price_unit": 50, "tax_ids": False}),
        ]
        order.action_confirm()
        self.assertEqual(self._exposure().orders, 800)

    def test_own_document_is_not_counted(self):
        order = self._order(600)
        order.action_confirm()
        self.assertEqual(self._exposure(excluding=order.sudo()).exposure, 0)

    def test_cancelled_and_quotations_count_nothing(self):
        self._order(600)
        order = self._order(400)
        order.action_confirm()
        order.sudo()._action_cancel()
        self.assertEqual(self._exposure().exposure, 0)

    def test_archived_contacts_still_owe(self):
        contact = self.env["res.partner"].create({"name": "Gone", "parent_id": self.customer.id})
        self._invoice(120, partner=contact)
        contact.active = False
        self.customer.active = False
        self.assertEqual(self._exposure().exposure, 120)

    def test_two_companies_are_separate(self):
        other = self._company("Sister")
        self._invoice(300)
        self._invoice(500, company=other)
        self._account(limit=1000)
        self.assertEqual(self._exposure().exposure, 300)
        self.assertEqual(self._exposure(company=other).exposure, 500)
        self.assertEqual(self._exposure(company=other).mode, "unlimited")

    def test_group_of_companies_adds_up(self):
        eur = self._rate("EUR", 7.0)
        other = self._company("Overseas", currency=eur)
        other.credit_company_id = self.company
        self._invoice(300)
        self._invoice(100, company=other)
        self._order(
            10, company=other, user=self._user("overseas", "sales_team.group_sale_salesman", other)
        ).sudo().action_confirm()
        self._account(limit=2000)
        for company in (self.company, other):
            figures = self._exposure(company=company)
            self.assertEqual((figures.receivable, figures.orders, figures.exposure), (1000, 70, 1070))
            self.assertEqual(figures.remaining, 930)

    def test_branches_of_the_company_share(self):
        branch = self._company("North", parent_id=self.company.id)
        self.assertEqual(branch._credit_keeper(), self.company)
        self.assertEqual(
            self.env["res.company"]._credit_settings(branch.id).scope, tuple(sorted((self.company + branch).ids))
        )

    def test_temporary_limits(self):
        account = self._account(limit=1000)
        Limit = self.env["credit.temporary.limit"]
        day = timedelta(days=1)
        soon = Limit.create(
            {
                "account_id": account.id,
                "amount": 500,
                "date_from": self.today,
                "date_to": self.today + day,
                "reason": "fair",
            }
        )
        self.assertEqual(self._exposure().limit, 1500)
        self.assertTrue(soon.in_force)
        soon.write({"date_from": self.today - day, "date_to": self.today})
        self.assertEqual(self._exposure().limit, 1000, "the end is not included")
        soon.write({"date_from": self.today + day, "date_to": self.today + 2 * day})
        self.assertEqual(self._exposure().limit, 1000)

    def test_seasonal_limits(self):
        account = self._account(limit=1000)
        day = timedelta(days=1)
        last_year = self.today - timedelta(days=365)
        cases = [
            (last_year - 20 * day, last_year + 20 * day, True),
            (last_year + 20 * day, last_year + 60 * day, False),
            (last_year - 60 * day, last_year - 20 * day, False),
            (last_year - 200 * day, last_year + 100 * day, True),
            (self.today + 10 * day, self.today + 20 * day, False),
        ]
        for start, end, expected in cases:
            with self.subTest(start=start, end=end):
                limit = self.env["credit.temporary.limit"].create(
                    {
                        "account_id": account.id,
                        "amount": 500,
                        "date_from": start,
                        "date_to": end,
                        "yearly": True,
                        "reason": "season",
                    }
                )
                self.assertEqual(limit.in_force, expected)
                self.assertEqual(self._exposure().limit, 1500 if expected else 1000)
                limit.unlink()

    def test_modes(self):
        self._invoice(100)
        for mode, limit, remaining in (("unlimited", None, None), ("none", 0, -100), ("amount", 0, -100)):
            with self.subTest(mode):
                account = self._account(mode=mode)
                figures = self._exposure()
                self.assertEqual((figures.limit, figures.remaining), (limit, remaining))
                account.active = False
        self.company.write({"credit_default_mode": "amount", "credit_default_limit": 250})
        self.assertEqual(self._exposure().remaining, 150)
        self.assertEqual(self._exposure(self._customer("New")).remaining, 250, "nothing bought yet")

    def test_fill_by_sql_as_by_orm(self):
        """What the installation fills by SQL is what the ORM computes."""
        plain = self._order(1000, quantity=10)
        delivered = self._order(800, product=self.goods, quantity=8)
        paid = self._order(500)
        special = self._order(300, quantity=3)
        empty = self._order(10)
        (plain + delivered + paid + special).action_confirm()
        empty.order_line.unlink()
        delivered.order_line.sudo().qty_delivered = 3
        delivered.sudo()._create_invoices().action_post()
        paid.sudo()._create_invoices().action_post()
        special.order_line.sudo().qty_delivered = 1
        invoice = special.sudo()._create_invoices()
        invoice.action_post()
        invoice._reverse_moves([{"invoice_date": self.today}], cancel=True)
        down = self._order(1000)
        down.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": down.ids,
                "advance_payment_method": "fixed",
                "fixed_amount": 300,
            }
        )
        wizard._create_invoices(down.sudo()).action_post()
        orders = plain + delivered + paid + special + empty + down
        self.env.flush_all()
        before = orders.mapped("uninvoiced_amount")
        self.assertEqual(before, [1000, 500, 0, 300, 0, 700])
        self.env.cr.execute("UPDATE sale_order SET uninvoiced_amount = NULL WHERE id IN %s", [tuple(orders.ids)])
        orders.invalidate_recordset()
        self.env["sale.order"]._uninvoiced_fill()
        self.env.cr.execute(
            "SELECT COUNT(*) FROM sale_order WHERE uninvoiced_amount IS NULL AND id IN %s", [tuple(orders.ids)]
        )
        self.assertEqual(self.env.cr.fetchone()[0], 1, "only the one with a credit note is left to the ORM")
        self.env["sale.order"]._uninvoiced_fill_rest()
        orders.invalidate_recordset()
        self.assertEqual(orders.mapped("uninvoiced_amount"), before)

    def test_query_count_and_everybody(self):
        customers = self._customer("A") + self._customer("B") + self._customer("C") + self._customer("D")
        for customer in customers:
            self._invoice(100, partner=customer)
        self.env.flush_all()
        self.company.credit_mode = "hold"
        customers._credit_exposure(self.company)
        for batch in (customers[:2], customers):
            with self.assertQueryCount(1):
                figures = batch._credit_exposure(self.company)
            self.assertEqual([figures[customer.id].exposure for customer in batch], [100] * len(batch))
        with self.assertQueryCount(1):
            everybody = self.env["res.partner"]._credit_exposure(self.company, everybody=True)
        self.assertEqual(
            {key: figures.exposure for key, figures in everybody.items()}, dict.fromkeys(customers.ids, 100)
        )
        # A few customers are added up in Python, many by the database: to the same figures.
        self.assertEqual(everybody, customers._credit_exposure(self.company))
