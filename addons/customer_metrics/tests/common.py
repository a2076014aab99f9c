from datetime import date, datetime

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

# The figures of this addon; others add theirs.
CODES = {
    "average_monthly_sales",
    "days_late",
    "days_since_order",
    "budget_pace",
    "budget_used",
    "expense",
    "expense_ratio",
    "gross_margin",
    "growth",
    "margin",
    "margin_share",
    "on_time",
    "orders",
    "overdue",
    "overdue_days",
    "plan_attainment",
    "plan_pace",
    "product_breadth",
    "receivable",
    "returns",
    "sales",
    "sales_share",
    "silence_probability",
    "usual_interval",
}


class CustomerMetricsCommon(AccountTestInvoicingCommon):
    """A company with one customer that has a branch and a contact, one product at 100 that costs 60, no taxes.

    Documents are made with their real buttons and then moved to the day that the test needs.
    """

    # The first day that no longer counts, in most tests.
    DATE_TO = date(2025, 7, 1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company = cls.company_data["company"]
        cls.company.partner_id.tz = "UTC"
        cls.company.customer_sales_basis = "order"
        cls.customer, cls.other_customer = cls.env["res.partner"].create(
            [
                {"name": "Rivertown Pharmacy Chain", "is_company": True},
                {"name": "Hillside Clinic", "is_company": True},
            ]
        )
        cls.branch, cls.contact = cls.env["res.partner"].create(
            [
                {"name": "Rivertown East", "parent_id": cls.customer.id, "type": "delivery"},
                {"name": "Ms Shen", "parent_id": cls.customer.id},
            ]
        )
        cls.product, cls.other_product = cls.env["product.product"].create(
            [
                {
                    "name": name,
                    "type": "consu",
                    "list_price": 100,
                    "standard_price": 60,
                    "invoice_policy": "order",
                    "taxes_id": [Command.clear()],
                }
                for name in ("Amoxicillin 0.25 g x 24", "Ibuprofen 0.3 g x 20")
            ]
        )
        cls.sevens = cls.setup_other_currency("HKD", rates=[("2000-01-01", 1 / 7)])
        cls.Metric = cls.env["customer.metric"]

    @classmethod
    def _order(cls, day, price=100, quantity=1, partner=None, product=None, currency=None, confirm=True, **values):
        moment = day if isinstance(day, datetime) else datetime.combine(day, datetime.min.time().replace(hour=12))
        if currency:
            pricelist = cls.env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id})
            values["pricelist_id"] = pricelist.id
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        order.sudo().date_order = moment
        return order

    @classmethod
    def _bill_order(cls, order, day):
        invoice = order._create_invoices()
        invoice.write({"invoice_date": day, "invoice_date_due": day})
        invoice.action_post()
        return invoice

    @classmethod
    def _reverse(cls, invoice, day, quantity=None, modify=False):
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": day})
        )
        (wizard.modify_moves if modify else wizard.refund_moves)()
        refund = invoice.reversal_move_ids
        if quantity is not None:
            refund.invoice_line_ids.quantity = quantity
        if refund.state == "draft":
            refund.invoice_date = day
            refund.action_post()
        return wizard.new_move_ids if modify else refund

    @classmethod
    def _invoice(cls, day, amount, due=None, partner=None, move_type="out_invoice", currency=None, post=True, **values):
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or cls.customer).id,
                "invoice_date": day,
                "invoice_date_due": due or day,
                "invoice_payment_term_id": False,
                "currency_id": (currency or cls.company.currency_id).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _pay(cls, invoice, day, amount=None):
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": day, **({"amount": amount} if amount else {})})
        )
        return wizard._create_payments()

    @classmethod
    def _value(cls, code, customer=None, date_to=None, months=12, company=None):
        customer = customer or cls.customer
        metric = cls.Metric.with_company(company) if company else cls.Metric
        return metric._values(customer, [code], date_to or cls.DATE_TO, months)[code][customer.id]

    @classmethod
    def _expense(cls, day, amount, partner=None, post=True, **values):
        expense = cls.env["customer.expense"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "date": day,
                "amount": amount,
                "kind_id": cls.env.ref("customer_metrics.customer_expense_kind_promotion").id,
                **values,
            }
        )
        if post:
            expense.action_post()
        return expense

    @classmethod
    def _target(cls, month, amount, code="sales", partner=None, **values):
        return cls.env["customer.target"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "metric_id": cls.env.ref(f"customer_metrics.customer_metric_{code}").id,
                "month": month,
                "amount": amount,
                **values,
            }
        )

    @classmethod
    def _user(cls, login, groups, **values):
        return new_test_user(
            cls.env, login, groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)], **values
        )

    @classmethod
    def _days(cls, *texts):
        return [fields.Date.to_date(text) for text in texts]
