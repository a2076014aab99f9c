from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import HttpCase
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from odoo.addons.customer_metrics.tests.common import CustomerMetricsCommon


class CustomerTieringCommon(CustomerMetricsCommon):
    """The two shipped schemes, people of every role, and customers whose average monthly sales are known.

    Today is 15 July 2025; the last month that has ended is June.
    """

    TODAY = date(2025, 7, 15)
    MONTH = date(2025, 6, 1)

    @classmethod
    def setUpClass(cls):
        frozen = freeze_time(cls.TODAY)
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("customer_tiering.group_tier_director")
        cls.retail = cls.env.ref("customer_tiering.customer_tier_scheme_retail")
        cls.wholesale = cls.env.ref("customer_tiering.customer_tier_scheme_wholesale")
        cls.director = cls._user("tier_director", "customer_tiering.group_tier_director,base.group_partner_manager")
        cls.second_director = cls._user("tier_director_2", "customer_tiering.group_tier_director")
        cls.officer = cls._user("tier_officer", "customer_tiering.group_tier_officer,base.group_partner_manager")
        cls.reader = cls._user("tier_reader", "customer_tiering.group_tier_reader")
        cls.seller = cls._user("tier_seller", "sales_team.group_sale_salesman,base.group_partner_manager")
        cls.clerk = cls._user("tier_clerk", "base.group_user")
        # The few customers of a test all move; approval has tests of its own.
        (cls.retail | cls.wholesale).approval_share = 100

    @classmethod
    def _tier(cls, name, scheme=None):
        return (scheme or cls.retail).tier_ids.filtered(lambda tier: tier.name == name)

    @classmethod
    def _shop(cls, name, monthly=None, margin=None, months=12, nature="third", until=None, **values):
        """A customer who bought `monthly` x 10,000 in each of the last months, at a gross margin in per cent."""
        customer = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "customer_nature": nature, **values}
        )
        if monthly is not None:
            cls._trade(customer, [monthly] * months, margin, until)
        return customer

    @classmethod
    def _trade(cls, customer, amounts, margin=None, until=None):
        """Confirm one order per month, the last one in `until` (default: June); None is a month without."""
        last = until or cls.MONTH
        orders = cls.env["sale.order"]
        for back, amount in enumerate(reversed(amounts)):
            if amount is None:
                continue
            day = last - relativedelta(months=back) + timedelta(days=9)
            orders |= cls.env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "date_order": fields.Datetime.to_datetime(day),
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": 1,
                                "price_unit": amount * 10000,
                                "purchase_price": amount * 10000 * (1 - (margin or 0) / 100),
                            }
                        )
                    ],
                }
            )
        orders.write({"state": "sale"})
        return orders

    @classmethod
    def _new_run(cls, scheme=None, month=None, user=None, company=None):
        company = company or cls.company
        return (
            cls.env["customer.tier.run"]
            .with_user(user or cls.officer)
            .with_company(company)
            .create({"scheme_id": (scheme or cls.retail).id, "month": month or cls.MONTH, "company_id": company.id})
        )

    @classmethod
    def _apply(cls, scheme=None, month=None, user=None):
        """Run a month from start to effect and return the run."""
        month = month or cls.MONTH
        with freeze_time(max(cls.TODAY, month + relativedelta(months=1, days=14))):
            run = cls._new_run(scheme, month, user)
            run.action_compute()
            run.action_apply()
        return run

    def _line(self, run, customer):
        return self.env["customer.tier.run.line"].search([("run_id", "=", run.id), ("partner_id", "=", customer.id)])

    def _membership(self, customer, scheme=None, company=None):
        return self.env["customer.tier.membership"].search(
            [
                ("partner_id", "=", customer.id),
                ("scheme_id", "=", (scheme or self.retail).id),
                ("company_id", "=", (company or self.company).id),
            ]
        )

    def _class(self, customer, scheme=None):
        return self._membership(customer, scheme).tier_id.name

    def _history(self, customer):
        return self.env["customer.tier.history"].search([("partner_id", "=", customer.id)], order="id")

    @contextmanager
    def _figures(self, values):
        """Give customers the figures {customer: (sales a month, margin)}, in 10,000, whatever they bought.

        Only for tests of what a run does with figures, month after month; the figures themselves are tested on orders.
        """
        Metric = type(self.env["customer.metric"])

        def found(metric, customers, codes=None, date_to=None, months=12):
            result = {}
            for code in codes:
                result[code] = {}
                for customer in customers:
                    known = values.get(customer)
                    amount, margin = known or (None, None)
                    result[code][customer.id] = {
                        "months_since_first_order": 36 if known else None,
                        "gross_margin": margin,
                        "orders": 3 if known else None,
                        "days_since_order": 5 if known else None,
                    }.get(code, None if amount is None else amount * 10000 * (months if code == "sales" else 1))
            return result

        with patch.object(Metric, "_values", found):
            yield


class CustomerTieringRpc(HttpCase, CustomerTieringCommon):
    """Calls of methods over HTTP, as a user's client makes them."""

    def _call(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}", {"model": model, "method": method, "args": args, "kwargs": kwargs}
        )

    def _refused(self, user, model, method, *args, **kwargs):
        with (
            self.assertRaises(JsonRpcException, msg=f"{user.login} {model}.{method}") as caught,
            mute_logger("odoo.http", "odoo.sql_db"),
        ):
            self._call(user, model, method, *args, **kwargs)
        self.assertIn(
            caught.exception.args[0].rsplit(".")[-1], ("AccessError", "UserError", "ValidationError"), caught.exception
        )
