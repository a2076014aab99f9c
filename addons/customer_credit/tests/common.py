from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user


class CreditCase(TransactionCase):
    """A company of its own that keeps its books in CNY and holds orders; amounts are without taxes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cny = cls._currency("CNY")
        cls.company = cls._company("Credit Test Wholesale")
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids, "tracking_disable": True})
        cls.company = cls.company.with_env(cls.env)
        cls.today = fields.Date.context_today(cls.company)
        cls.salesman = cls._user("credit_salesman", "sales_team.group_sale_salesman")
        cls.biller = cls._user(
            "credit_biller", "account.group_account_invoice,sales_team.group_sale_salesman,base.group_partner_manager"
        )
        cls.reader = cls._user("credit_reader", "customer_credit.group_credit_user")
        cls.controller = cls._user("credit_controller", "customer_credit.group_credit_controller")
        cls.manager = cls._user(
            "credit_manager",
            "customer_credit.group_credit_manager,account.group_account_invoice,base.group_partner_manager",
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Amoxicillin 500 mg",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": False,
                "list_price": 100.0,
            }
        )
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Aspirin 100 mg",
                "type": "service",
                "invoice_policy": "delivery",
                "taxes_id": False,
                "list_price": 100.0,
            }
        )
        cls.customer = cls._customer("Kangtai Pharmacy")
        cls.immediate = cls.env["account.payment.term"].create(
            {
                "name": "At once",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 0})],
            }
        )

    # === SETUP === #

    @classmethod
    def _currency(cls, name):
        currency = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        currency.active = True
        currency.rounding = 0.01
        return currency

    @classmethod
    def _user(cls, login, groups, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
            email=f"{login}@example.com",
        )

    @classmethod
    def _company(cls, name, currency=None, mode="hold", **values):
        company = cls.env["res.company"].create(
            {
                "name": name,
                "currency_id": (currency or cls.cny).id,
                "country_id": cls.env.ref("base.cn").id,
                "credit_mode": mode,
                "sale_lock_date": False,
                **values,
            }
        )
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        if values.get("parent_id"):
            return company
        accounts = env["account.account"].create(
            [
                {"code": "1122", "name": "Receivable", "account_type": "asset_receivable", "reconcile": True},
                {"code": "6001", "name": "Revenue", "account_type": "income"},
                {"code": "1002", "name": "Bank", "account_type": "asset_cash"},
                {"code": "1009", "name": "Outstanding Receipts", "account_type": "asset_current", "reconcile": True},
            ]
        )
        receivable, revenue, bank, outstanding = accounts
        env["ir.default"].set("res.partner", "property_account_receivable_id", receivable.id, company_id=company.id)
        env["ir.default"].set("product.category", "property_account_income_categ_id", revenue.id, company_id=company.id)
        company.income_account_id = revenue if "income_account_id" in company._fields else False
        journals = env["account.journal"].create(
            [
                {"name": "Sales", "code": "SAL", "type": "sale", "default_account_id": revenue.id},
                {"name": "Bank", "code": "BNK", "type": "bank", "default_account_id": bank.id},
            ]
        )
        journals[1].inbound_payment_method_line_ids.payment_account_id = outstanding
        company.transfer_account_id = outstanding
        return company

    @classmethod
    def _customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def _account(cls, partner=None, limit=None, mode="amount", company=None, **values):
        """Grant credit as super-user."""
        return cls.env["credit.account"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": (company or cls.company).id,
                "mode": mode,
                "credit_limit": limit or 0.0,
                **values,
            }
        )

    # === DOCUMENTS === #

    def _order(self, amount, partner=None, user=None, product=None, quantity=1, company=None, **values):
        """A quotation of one line that is worth ``amount``."""
        company = company or self.company
        env = self.env(user=user or self.salesman, context={**self.env.context, "allowed_company_ids": company.ids})
        return env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "user_id": env.uid,
                "company_id": company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or self.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": amount / quantity,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )

    def _invoice(
        self, amount, partner=None, due=None, date=None, move_type="out_invoice", post=True, company=None, **values
    ):
        """An invoice of its own; ``due`` and ``date`` in days from today."""
        company = company or self.company
        move = (
            self.env["account.move"]
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": (partner or self.customer).id,
                    "company_id": company.id,
                    "invoice_date": self.today + timedelta(days=date or 0),
                    "invoice_date_due": self.today + timedelta(days=30 if due is None else due),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.product.id, "price_unit": amount, "tax_ids": False})
                    ],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
        return move

    def _payment(self, amount, partner=None, company=None):
        """A payment that is not set off against anything."""
        company = company or self.company
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        journal = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
        payment = env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "journal_id": journal.id,
                "date": self.today,
            }
        )
        payment.action_post()
        return payment

    def _rate(self, name, rate, company=None):
        """Make ``name`` a currency of which one unit is worth ``rate`` CNY."""
        currency = self._currency(name)
        self.env["res.currency.rate"].search([("currency_id", "in", (currency | self.cny).ids)]).unlink()
        if rate:
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": (company or self.company).id,
                    "name": self.today - timedelta(days=400),
                    "inverse_company_rate": rate,
                }
            )
        return currency

    # === FIGURES === #

    def _exposure(self, partner=None, company=None, **kwargs):
        partner = (partner or self.customer).commercial_partner_id
        return partner._credit_exposure(company or self.company, **kwargs)[partner.id]

    def _codes(self, order):
        """Return {(code, level)} of what credit says about the order now."""
        order = order.sudo()
        self.env.flush_all()
        reasons = order._hold_reasons(order._hold_answers())[order.id]
        return {(reason.code, reason.level) for reason in reasons if reason.keeper == "credit"}

    def _figures(self, order, code):
        order = order.sudo()
        self.env.flush_all()
        reasons = order._hold_reasons(order._hold_answers())[order.id]
        return next(reason.figures for reason in reasons if reason.code == code)
