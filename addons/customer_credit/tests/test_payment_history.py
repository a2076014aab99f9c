import random
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.tests import tagged

from .common import CreditCase

CODES = ("receivable", "overdue", "overdue_days", "days_late", "on_time")
MONTHS = 12
KINDS = ("early", "on time", "late", "partly", "two parts", "credit note", "foreign", "not due", "unpaid")
# The day of the figures is fixed: random dates around "today" would give other figures every day.
TODAY = date(2026, 6, 15)


@tagged("post_install", "-at_install")
class TestPaymentHistory(CreditCase):
    """C3: the payment history that assessments stand on is what one finds line by line in the ledger."""

    @classmethod
    def setUpClass(cls):
        freezer = freeze_time(f"{TODAY} 08:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"
        cls.eur = cls._currency("EUR")
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.eur | cls.cny).ids)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": cls.eur.id,
                    "company_id": cls.company.id,
                    "name": TODAY - timedelta(days=days),
                    "inverse_company_rate": rate,
                }
                for days, rate in ((900, 7.0), (250, 6.5), (120, 7.5), (40, 7.2))
            ]
        )
        cls.company.currency_exchange_journal_id = cls.env["account.journal"].create(
            {"name": "Exchange", "code": "EXCH", "type": "general", "company_id": cls.company.id}
        )
        loss, gain = cls.env["account.account"].create(
            [
                {"code": "6603", "name": "Exchange Loss", "account_type": "expense"},
                {"code": "6604", "name": "Exchange Gain", "account_type": "income_other"},
            ]
        )
        cls.company.write(
            {"expense_currency_exchange_account_id": loss.id, "income_currency_exchange_account_id": gain.id}
        )

    # === WHAT HAPPENS === #

    def _bill(self, amount, issued, due, partner=None, currency=None):
        return self._invoice(
            amount,
            partner=partner,
            date=(issued - TODAY).days,
            due=(due - TODAY).days,
            currency_id=(currency or self.cny).id,
        )

    def _pay(self, invoice, day, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": day, **({"amount": amount} if amount else {})})
        )
        return wizard._create_payments()

    def _credit(self, invoice, day, share):
        """Take back a share of an invoice by a credit note of that day, set off against it."""
        refund = invoice._reverse_moves([{"invoice_date": day, "date": day}])
        refund.invoice_line_ids.price_unit = self.cny.round(invoice.amount_total * share)
        refund.action_post()
        lines = (invoice + refund).line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        lines.reconcile()

    def _happen(self, kind, customer, random_):
        """Make one invoice of up to 14 months ago and what became of it."""
        issued = TODAY - timedelta(days=random_.randint(60, 430))
        due = issued + timedelta(days=random_.choice((0, 15, 30, 60)))
        amount = random_.randint(10000, 500000) / 100
        if kind == "not due":
            issued, due = TODAY - timedelta(days=10), TODAY + timedelta(days=random_.randint(0, 40))
        invoice = self._bill(amount, issued, due, customer, self.eur if kind == "foreign" else None)
        latest = (TODAY - due).days
        days = random_.randint(1, max(min(latest, 90), 1))
        if kind == "early":
            self._pay(invoice, max(due - timedelta(days=days), issued))
        elif kind == "on time":
            self._pay(invoice, due)
        elif kind == "late":
            self._pay(invoice, due + timedelta(days=days))
        elif kind == "partly":
            self._pay(invoice, due + timedelta(days=random_.choice((0, days))), round(amount / 3, 2))
        elif kind == "two parts":
            part = round(amount * 0.4, 2)
            self._pay(invoice, due, part)
            self._pay(invoice, due + timedelta(days=days), round(amount - part, 2))
        elif kind == "credit note":
            self._credit(invoice, due + timedelta(days=days), 0.25)
            if random_.random() < 0.7:
                self._pay(invoice, due + timedelta(days=days))
        elif kind == "foreign" and random_.random() < 0.8:
            self._pay(invoice, due + timedelta(days=random_.choice((-5, 0, days))))

    # === THE OTHER CALCULATION === #

    def _by_hand(self, customer, date_to):
        """Return the figures of CODES from the customer's journal items, one by one, at the end of the day before."""
        today = date_to - timedelta(days=1)
        partners = self.env["res.partner"].search([("id", "child_of", customer.id)])
        lines = self.env["account.move.line"].search(
            [("partner_id", "in", partners.ids), ("company_id", "=", self.company.id), ("date", "<", date_to)]
        )
        lines = lines.filtered(
            lambda line: line.parent_state == "posted" and line.account_id.account_type == "asset_receivable"
        )
        if not lines:
            return [None] * 5
        receivable = overdue = due = on_time = amount_days = 0.0
        oldest = 0
        for line in lines:
            settled = [
                (partial.amount, self._day(partial), partial.credit_move_id.move_id)
                for partial in line.matched_credit_ids
            ]
            given = [(partial.amount, self._day(partial)) for partial in line.matched_debit_ids]
            residual = (
                line.balance
                - sum(amount for amount, day, _credit in settled if day < date_to)
                + sum(amount for amount, day in given if day < date_to)
            )
            receivable += residual
            late = (today - line.date_maturity).days if line.date_maturity else 0
            if residual > 0.005 and late > 0:
                overdue += residual
                oldest = max(oldest, late)
            if (
                line.balance <= 0
                or late <= 0
                or self._paid_with(line.move_id)
                or line.date_maturity < date_to - relativedelta(months=MONTHS)
            ):
                continue
            for amount, day, move in settled:
                if day < date_to and move.move_type != "out_refund" and not self._paid_with(move):
                    days = max((day - line.date_maturity).days, 0)
                    due += amount
                    on_time += amount if not days else 0.0
                    amount_days += amount * days
            due += residual
            amount_days += residual * late
        return [
            receivable,
            overdue,
            oldest,
            amount_days / due if due > 0.005 else None,
            100 * on_time / due if due > 0.005 else None,
        ]

    def _paid_with(self, move):
        """Return what was set off when this entry, an exchange difference, was made; nothing for another entry."""
        return self.env["account.partial.reconcile"].search([("exchange_move_id", "=", move.id)])

    def _day(self, partial):
        """The day on which something was set off; an exchange difference goes with the payment that it comes from."""
        sides = partial.debit_move_id + partial.credit_move_id
        origin = self._paid_with(sides[0].move_id) or self._paid_with(sides[1].move_id)
        if origin:
            sides = origin[0].debit_move_id + origin[0].credit_move_id
        return max(sides.mapped("date"))

    def _figures(self, customers, date_to):
        values = self.env["customer.metric"]._values(customers, CODES, date_to, MONTHS)
        return {customer: [values[code][customer.id] for code in CODES] for customer in customers}

    # === TESTS === #

    def test_generated_ledger(self):
        """Every kind of payment, alone and mixed, seen today and on days in the past."""
        random_ = random.Random(4)
        customers = self.env["res.partner"]
        for kind in KINDS:
            customer = self._customer(f"Pays {kind}")
            branch = self._customer("Branch", parent_id=customer.id, is_company=False, type="invoice")
            customers += customer
            for number in range(3):
                self._happen(kind, branch if number == 2 else customer, random_)
        for number in range(3):
            customer = self._customer(f"Mixed {number}")
            customers += customer
            for kind in KINDS:
                self._happen(kind, customer, random_)
        nobody = self._customer("Nothing bought")
        customers += nobody
        self.env.flush_all()
        differing = set()
        for days in (0, 1, 31, 120, 200, 400):
            date_to = TODAY + timedelta(days=1 - days)
            found = self._figures(customers, date_to)
            for customer in customers:
                expected = self._by_hand(customer, date_to)
                for code, have, want in zip(CODES, found[customer], expected):
                    message = f"{code} of {customer.name}, {days} days ago: {found[customer]}, by hand {expected}"
                    if want is None:
                        self.assertIsNone(have, message)
                    else:
                        self.assertIsNotNone(have, message)
                        self.assertAlmostEqual(have, want, 2, message)
                differing.add(tuple(expected))
        self.assertEqual(found[nobody], [None] * 5, "no data is no zero")
        self.assertGreater(len(differing), 40, "the cases differ")

    def test_figures_known_beforehand(self):
        """The same eight cases with figures that were worked out on paper."""
        due = TODAY - timedelta(days=60)
        issued = due - timedelta(days=30)
        for title, expected in {
            "early": [0, 0, 0, 0, 100],
            "on time": [0, 0, 0, 0, 100],
            "late": [0, 0, 0, 12, 0],
            "partly": [600, 600, 60, (400 * 0 + 600 * 60) / 1000, 40],
            "two parts": [0, 0, 0, 600 * 20 / 1000, 40],
            # 250 were credited and so never due; 750 came ten days late.
            "credit note": [0, 0, 0, 10, 0],
            # 100 EUR: 7.50 CNY each on the day of the invoice, 7.20 when they were paid, 30 days late.
            "foreign": [0, 0, 0, 30, 0],
            "not due": [1000, 0, 0, None, None],
        }.items():
            with self.subTest(title):
                customer = self._customer(title)
                if title == "foreign":
                    invoice = self._bill(100, issued, due, customer, self.eur)
                    self.assertEqual(invoice.amount_total_signed, 750)
                elif title == "not due":
                    invoice = self._bill(1000, TODAY - timedelta(days=1), TODAY, customer)
                else:
                    invoice = self._bill(1000, issued, due, customer)
                if title == "early":
                    self._pay(invoice, due - timedelta(days=9))
                elif title == "on time":
                    self._pay(invoice, due)
                elif title == "late":
                    self._pay(invoice, due + timedelta(days=12))
                elif title == "partly":
                    self._pay(invoice, due, 400)
                elif title == "two parts":
                    self._pay(invoice, due, 400)
                    self._pay(invoice, due + timedelta(days=20), 600)
                elif title == "credit note":
                    self._credit(invoice, due + timedelta(days=10), 0.25)
                    self._pay(invoice, due + timedelta(days=10))
                elif title == "foreign":
                    self._pay(invoice, due + timedelta(days=30))
                found = self._figures(customer, TODAY + timedelta(days=1))[customer]
                self.assertEqual(found, expected)

    def test_credit_picture_agrees(self):
        """The exposure that the gate reads and the metrics that assessments read tell the same of today."""
        random_ = random.Random(9)
        customer = self._customer("Both ways")
        for kind in KINDS:
            self._happen(kind, customer, random_)
        exposure = self._exposure(customer)
        receivable, overdue, days, _late, _on_time = self._figures(customer, TODAY + timedelta(days=1))[customer]
        self.assertAlmostEqual(exposure.receivable - exposure.unapplied, receivable, 2)
        self.assertAlmostEqual(exposure.overdue, overdue, 2)
        self.assertEqual(exposure.overdue_days, days)
        self.assertGreater(exposure.overdue, 0)
