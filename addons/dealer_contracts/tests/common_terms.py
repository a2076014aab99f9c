from datetime import date

from odoo import Command, fields

from odoo.addons.customer_metrics.tests.common import CustomerMetricsCommon

STANDARD = ((0, 10_000, 1), (10_000, 20_000, 2), (20_000, 0, 3))


class TermsCase(CustomerMetricsCommon):
    """A company with dealers, contracts that are in force, and the people who deal with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.author = cls._user("terms_author", "dealer_contracts.group_contract_user,sales_team.group_sale_salesman")
        cls.colleague = cls._user("terms_colleague", "dealer_contracts.group_contract_user")
        cls.finance = cls._user(
            "terms_finance", "dealer_contracts.group_contract_finance,dealer_contracts.group_contract_custodian"
        )
        cls.manager = cls._user("terms_manager", "dealer_contracts.group_contract_manager")
        cls.salesman = cls._user("terms_salesman", "sales_team.group_sale_salesman")
        cls.accountant = cls._user("terms_accountant", "account.group_account_invoice")

    @classmethod
    def _contract(cls, partner=None, state="in_force", start="2025-01-01", end="2026-01-01", **values):
        """A contract that was taken to its state by the server."""
        contract = (
            cls.env["dealer.contract"]
            .sudo()
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "date_start": start,
                    "date_end": end,
                    "user_id": cls.author.id,
                    **values,
                }
            )
        )
        contract._give_number()
        contract.state = state
        return contract

    @classmethod
    def _bands(cls, *rows, kind="band"):
        return [
            Command.create({"kind": kind, "lower": lower, "upper": upper, "rate": rate}) for lower, upper, rate in rows
        ]

    @classmethod
    def _rebate_values(cls, bands=STANDARD, factors=(), **values):
        return {
            "name": "Annual rebate",
            "step_ids": [*cls._bands(*bands), *cls._bands(*factors, kind="factor")],
            **values,
        }

    @classmethod
    def _rebate(cls, bands=STANDARD, factors=(), contract=None, **values):
        """A rebate of a contract in force; more values of the contract under ``contract``."""
        contract = cls._contract(
            rebate_ids=[Command.create(cls._rebate_values(bands, factors, **values))], **(contract or {})
        )
        return contract.rebate_ids

    def earned(self, rebate, day=date(2026, 1, 1)):
        """What a rebate earned until the eve of a day, as text."""
        return str(sum(row.earned for row in rebate.sudo()._accruals(fields.Date.to_date(day))[rebate.id]))

    def payable(self, rebate, day=date(2026, 1, 1)):
        return str(sum(row.payable for row in rebate.sudo()._accruals(fields.Date.to_date(day))[rebate.id]))
