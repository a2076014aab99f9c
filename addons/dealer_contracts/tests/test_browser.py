from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_metrics.tests.chinese import install_chinese

from .common import ContractData


@tagged("post_install", "-at_install")
class TestBrowser(ContractData, HttpCase):
    """The main job, clicked in Chinese: an order is held, its dealer gets a contract, the order passes (D1-D4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls._make_data()
        people = cls.author + cls.legal + cls.finance + cls.director + cls.custodian + cls.manager
        people += cls.salesman + cls.dealer_user
        people.lang = "zh_CN"
        people.write({"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]})
        cls.company.write({"currency_id": cls.cny.id, "contract_hold_mode": "hold", "contract_range_mode": "hold"})
        cls.order, cls.other_order = (
            cls.env["sale.order"]
            .with_user(cls.salesman)
            .create(
                {
                    "partner_id": dealer.id,
                    "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 10})],
                }
            )
            for dealer in (cls.dealer, cls.other_dealer)
        )

    def _tour(self, name, user, record=None, url=None, **options):
        """Play a tour as a user, on the form of a record or at an address; what it did is read afresh afterwards."""
        if record:
            url = f"/odoo/{record._name}/{record.id}"
        self.start_tour(url, name, login=user.login, **options)
        self.env.invalidate_all()

    def test_contract(self):
        contracts = self.env["dealer.contract"].search([])
        self.other_order.action_confirm()
        self._tour("contract_order_held", self.salesman, self.order)
        self.assertEqual(set((self.order + self.other_order).mapped("hold_state")), {"held"})

        self._tour(
            "contract_template", self.manager, url="/odoo/action-dealer_contracts.dealer_contract_template_action"
        )
        with mute_logger("odoo.http"):  # the list of what is missing
            self._tour("contract_author", self.author, url="/odoo/dealer-contracts")
        contract = self.env["dealer.contract"].search([]) - contracts
        self.assertEqual((contract.state, contract.amount_total, contract.sign_place), ("review", 12500.0, "上海"))
        self.assertEqual(contract.article_ids.filtered("deviates").mapped("part"), ["breach"])

        for user in (self.legal, self.finance, self.director):
            self._tour("contract_approver", user, contract)
        self.assertEqual(contract.state, "approved")
        self.assertEqual(contract.approval_ids.sorted("sequence").user_id, self.legal + self.finance + self.director)

        self._tour("contract_send", self.author, contract)
        self._tour("contract_sign", self.dealer_user, url=f"/my/contracts/{contract.id}", timeout=180)
        self.assertEqual((contract.state, contract.signed_user_id), ("signed", self.dealer_user))
        self.order.action_hold_check_again()
        self.assertEqual(self.order.hold_state, "held", "signed isn't on file")

        self._tour("contract_file", self.custodian, contract)
        self.assertEqual((contract.state, contract.paper_place), ("in_force", "A-3"))
        self._tour("contract_order_passes", self.salesman, self.order)
        self.assertEqual((self.order.state, self.order.hold_state), ("sale", "clear"))
        self.other_order.action_hold_check_again()
        self.assertEqual((self.other_order.state, self.other_order.hold_state), ("draft", "held"), "of another dealer")
