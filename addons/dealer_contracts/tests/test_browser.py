from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_metrics.tests.chinese import install_chinese

from .common import ContractData


@tagged("post_install", "-at_install")
class TestBrowser(ContractData, HttpCase):
    """The main job, clicked in Chinese: template, missing parts, three approvals, signature on the portal, verified."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls._make_data()
        people = cls.author + cls.legal + cls.finance + cls.director + cls.custodian + cls.dealer_user
        people.lang = "zh_CN"
        people.write({"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]})
        cls.company.currency_id = cls.cny

    def test_contract(self):
        contracts = self.env["dealer.contract"].search([])
        with mute_logger("odoo.http"):  # the list of what is missing
            self.start_tour("/odoo/dealer-contracts", "contract_author", login=self.author.login)
        contract = self.env["dealer.contract"].search([]) - contracts
        self.assertEqual((contract.state, contract.amount_total), ("review", 12500.0))
        for user in (self.legal, self.finance, self.director):
            self.start_tour(f"/odoo/dealer-contracts/{contract.id}", "contract_approver", login=user.login)
        contract.invalidate_recordset()
        self.assertEqual(contract.state, "approved")
        self.assertEqual(contract.approval_ids.sorted("sequence").user_id, self.legal + self.finance + self.director)
        self.start_tour(f"/odoo/dealer-contracts/{contract.id}", "contract_send", login=self.author.login)
        self.start_tour(f"/my/contracts/{contract.id}", "contract_sign", login=self.dealer_user.login, timeout=180)
        contract.invalidate_recordset()
        self.assertEqual((contract.state, contract.signed_user_id), ("signed", self.dealer_user))
        self.start_tour(f"/odoo/dealer-contracts/{contract.id}", "contract_file", login=self.custodian.login)
        contract.invalidate_recordset()
        self.assertEqual((contract.state, contract.paper_place), ("in_force", "A-3"))
