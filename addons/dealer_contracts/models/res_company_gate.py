from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

MODES = [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")]


class ContractGate(NamedTuple):
    """What happens to orders, for each kind of objection: off, warn, hold."""

    none: str
    range: str
    price: str


class ResCompany(models.Model):
    _inherit = "res.company"

    contract_hold_mode = fields.Selection(
        MODES,
        string="Orders Without Contract",
        default="off",
        required=True,
        help="Off: contracts don't touch orders. Warn: orders of customers without a contract in force are confirmed"
        " with a warning. Hold: they wait for a release.",
        prefetch="hold",
    )
    contract_range_mode = fields.Selection(
        MODES,
        string="Orders Outside the Contract",
        default="off",
        required=True,
        help="Orders for products that no contract in force covers, or to a place outside its areas.",
        prefetch="hold",
    )
    contract_price_mode = fields.Selection(
        MODES,
        string="Orders at Other Prices",
        default="off",
        required=True,
        help="Orders for products at prices, with taxes and discounts, that aren't those of a contract in force.",
        prefetch="hold",
    )
    contract_reminder_days = fields.Char(
        string="Reminders Before the End of Contracts (Days)",
        default="60, 30, 7",
        help="The owner of a contract is reminded this many days before it ends or, if it renews itself, before the"
        " last day for a notice.",
        prefetch="dealer_contracts",
    )
    rebate_product_id = fields.Many2one(
        "product.product",
        string="Rebates Are Credited as",
        domain="[('type', '=', 'service')]",
        help="Product on the credit notes that pay rebates: it brings its account and its taxes. Empty: the account of"
        " the journal.",
        prefetch="dealer_contracts",
    )

    penalty_product_id = fields.Many2one(
        "product.product",
        string="Penalties Are Invoiced as",
        domain="[('type', '=', 'service')]",
        help="Product of penalties for sales outside the area, on invoices and on credit notes of rebates: it brings"
        " its account and its taxes. Its income account takes kept deposits too. Empty: the account of the journal.",
        prefetch="dealer_contracts",
    )
    contract_deposit_account_id = fields.Many2one(
        "account.account",
        string="Deposits of Dealers",
        check_company=True,
        help="Account of what dealers deposited for their contracts. Empty: deposits are registered and not booked.",
        prefetch="dealer_contracts",
    )

    @api.constrains("contract_reminder_days")
    def _check_contract_reminder_days(self):
        for company in self:
            try:
                company._contract_reminder_steps()
            except ValueError as error:
                raise ValidationError(
                    self.env._("Reminders are numbers of days, separated by commas: 60, 30, 7.")
                ) from error

    def _contract_reminder_steps(self):
        """Return the days before the end on which owners are reminded, the longest first.

        :raise ValueError: if they are no positive whole numbers
        """
        self.ensure_one()
        texts = (self.contract_reminder_days or "").replace("，", ",").split(",")
        steps = {int(text) for text in texts if text.strip()}
        if any(step < 0 for step in steps):
            raise ValueError(steps)
        return sorted(steps, reverse=True)

    @api.model
    @tools.ormcache("company_id")
    def _contract_gate(self, company_id):
        """Return the :class:`ContractGate` of a company; the gate asks with every order."""
        company = self.sudo().browse(company_id)
        return ContractGate(company.contract_hold_mode, company.contract_range_mode, company.contract_price_mode)

    def write(self, vals):
        result = super().write(vals)
        if {"contract_hold_mode", "contract_range_mode", "contract_price_mode"} & vals.keys():
            self.env.registry.clear_cache()
        return result
