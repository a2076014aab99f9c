import itertools

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import ContractCase

BARRED = {
    "state": "in_force",
    "name": "HT1",
    "digest": "0" * 64,
    "snapshot": {},
    "round": 3,
    "submitted_once": False,
    "author_ids": [(5,)],
    "issued_sha256": "0" * 64,
    "signed_by": "X",
    "signed_on": "2026-01-01 00:00:00",
    "approval_ids": [(5,)],
    "file_ids": [(5,)],
    "date_end_signed": "2030-01-01",
    "access_token": "guess",
    "version": 9,
    "root_id": 1,
}


@tagged("post_install", "-at_install")
class TestWorkflow(ContractCase):
    """Draft to sent: who decides, on what, and what a change costs (D3)."""

    def asked(self, contract):
        return contract.sudo().activity_ids.user_id

    # === NUMBERS === #

    def test_number_per_company_and_year(self):
        def number(when, **values):
            with freeze_time(when):
                contract = self._draft(**values)
                self.assertFalse(contract.name)
                contract.action_submit()
                return contract.name

        first = number("2031-12-31 10:00:00")
        self.assertEqual(first, "HT2031-0001")
        self.assertEqual(number("2031-12-31 11:00:00"), "HT2031-0002")
        self.assertEqual(number("2032-01-01 00:00:00"), "HT2032-0001")
        other = self.env["res.company"].create({"name": "Second"})
        sequence = self.env["ir.sequence"].search([("code", "=", "dealer.contract"), ("company_id", "=", other.id)])
        self.assertEqual(len(sequence), 1)
        self.assertEqual(sequence.next_by_id(sequence_date="2031-05-01"), "HT2031-0001")

    def test_sent_back_contract_keeps_its_number(self):
        contract = self._draft()
        contract.action_submit()
        number = contract.name
        contract.with_user(self.legal)._refuse("Not yet")
        contract.action_submit()
        self.assertEqual(contract.name, number)

    # === APPROVALS === #

    def test_three_people_one_after_the_other(self):
        contract = self._draft()
        contract.action_submit()
        self.assertEqual((contract.state, self.asked(contract)), ("review", self.legal))
        for user in (self.finance, self.director, self.manager, self.author):
            with self.assertRaises(AccessError):
                contract.with_user(user).action_approve()
        contract.with_user(self.legal).action_approve()
        self.assertEqual((contract.state, self.asked(contract)), ("review", self.finance))
        contract.with_user(self.finance).action_approve()
        with self.assertRaisesRegex(UserError, "In Approval"):
            contract.action_send()
        contract.with_user(self.director).action_approve()
        self.assertEqual(contract.state, "approved")
        self.assertFalse(self.asked(contract))
        decided = contract.approval_ids.sorted("sequence")
        self.assertEqual(decided.user_id.ids, [self.legal.id, self.finance.id, self.director.id])
        self.assertEqual(set(decided.mapped("digest")), {contract.digest})

    def test_one_person_decides_once(self):
        everything = self._user("everything", "legal")
        everything.group_ids += self.finance.group_ids + self.director.group_ids
        contract = self._draft()
        contract.action_submit()
        contract.with_user(everything).action_approve()
        with self.assertRaisesRegex(AccessError, "another step"):
            contract.with_user(everything).action_approve()

    def test_nobody_approves_what_he_wrote(self):
        self.legal.group_ids += self.env.ref("dealer_contracts.group_contract_manager")
        other_legal = self._user("legal2", "legal")
        contract = self._draft()
        # One word by the lawyer, in a draft of somebody else.
        contract.article_ids[0].with_user(self.legal).body += "。"
        contract.action_submit()
        self.assertNotIn(self.legal, self.asked(contract))
        with self.assertRaisesRegex(AccessError, "one's own"):
            contract.with_user(self.legal).action_approve()
        contract.with_user(other_legal).action_approve()
        own = self._draft(user=self.legal)
        own.action_submit()
        with self.assertRaisesRegex(AccessError, "one's own"):
            own.action_approve()

    def test_manager_without_the_group_of_the_step(self):
        contract = self._draft()
        contract.action_submit()
        with self.assertRaisesRegex(AccessError, "is for"):
            contract.with_user(self.manager).action_approve()

    def test_thresholds(self):
        route = self.env["dealer.contract.route"].create(
            {
                "name": "By amount",
                "step_ids": [
                    Command.create(
                        {"name": "Legal", "group_id": self.env.ref("dealer_contracts.group_contract_legal").id}
                    ),
                    Command.create(
                        {
                            "name": "Director",
                            "group_id": self.env.ref("dealer_contracts.group_contract_director").id,
                            "amount_from": 14104.0,
                        }
                    ),
                ],
            }
        )
        self.template.route_id = route
        self.framework.route_id = route
        self.company.currency_id = self.cny

        def steps(**values):
            contract = self._draft(**values)
            contract.action_submit()
            return contract.approval_ids.mapped("name")

        self.assertEqual(steps(), ["Legal", "Director"], "the threshold itself is above")
        contract = self._draft()
        contract.line_ids[0].price_unit = 12.49
        contract.action_submit()
        self.assertEqual(contract.approval_ids.mapped("name"), ["Legal"])
        unknown = steps(
            template_id=self.framework.id,
            line_ids=[],
            auto_renew=False,
            category_ids=[Command.set(self.env.ref("product.product_category_goods").ids)],
        )
        self.assertEqual(unknown, ["Legal", "Director"], "no amount isn't zero")

    def test_refusal(self):
        contract = self._draft()
        contract.action_submit()
        with self.assertRaisesRegex(UserError, "Say why"):
            contract.with_user(self.legal)._refuse("  ")
        contract.with_user(self.legal).action_approve()
        contract.with_user(self.finance)._refuse("Payment terms too long")
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.approval_ids.mapped("state"), ["void", "refused", "void"])
        self.assertEqual(contract.approval_ids[1].note, "Payment terms too long")

    # === CHANGES === #

    def test_content_is_kept(self):
        contract = self._draft()
        contract.action_submit()
        for write in (
            lambda: contract.write({"delivery_days": 9}),
            lambda: contract.write({"partner_id": self.other_dealer.id}),
            lambda: contract.line_ids[0].write({"price_unit": 1}),
            lambda: contract.line_ids.sudo()[0].write({"price_unit": 1}),
            contract.line_ids.unlink,
            lambda: contract.article_ids[0].write({"body": "x"}),
            lambda: contract.party_ids[0].write({"bank_account": "999"}),
            lambda: contract.write({"line_ids": [Command.delete(contract.line_ids[0].id)]}),
            lambda: (
                self.env["dealer.contract.line"]
                .with_user(self.author)
                .create({"contract_id": contract.id, "product_id": self.product.id})
            ),
        ):
            with self.assertRaises(UserError):
                write()
        draft = self._draft()
        with self.assertRaises(UserError):
            draft.line_ids[0].write({"contract_id": contract.id})

    def test_a_change_voids_the_approvals(self):
        for change in ("revise", "code"):
            with self.subTest(change=change):
                contract = self._approved()
                if change == "revise":
                    contract.action_revise()
                else:
                    contract.sudo().write({"delivery_days": 9})
                self.assertEqual(contract.state, "draft")
                self.assertEqual(set(contract.approval_ids.mapped("state")), {"void"})
                contract.action_submit()
                self.assertEqual(
                    contract.approval_ids.filtered(lambda step: step.round == 2).mapped("state"), ["pending"] * 3
                )

    def test_change_behind_the_back(self):
        """What is changed in the database itself is noticed by the next who decides, and before the dispatch."""
        contract = self._draft()
        contract.action_submit()
        self.env.cr.execute("UPDATE dealer_contract_line SET price_unit = 1 WHERE id = %s", contract.line_ids[:1].ids)
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "isn't what was submitted"):
            contract.with_user(self.legal).action_approve()
        contract.with_user(self.legal)._refuse("Changed")
        self.assertEqual(contract.state, "draft")
        contract = self._approved()
        self.env.cr.execute(
            "UPDATE dealer_contract_party SET bank_account = '666' WHERE contract_id = %s AND role = 'a'", contract.ids
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "isn't what was approved"):
            contract.action_send()

    def test_parties_are_frozen(self):
        contract = self._draft()
        contract.action_submit()
        self.dealer.write({"name": "Renamed", "legal_representative": "Somebody"})
        self.company.partner_id.bank_ids.acc_number = "0000"
        self.product.name = "Renamed"
        self.term.name = "Renamed"
        paper = contract._paper()
        self.assertEqual(paper["parties"][1]["name"], "杭州康泰药业有限公司")
        self.assertNotIn("Renamed", str(paper))
        self.assertNotIn("0000", paper["parties"][0]["bank_account"])
        self._approve(contract)
        contract.action_send()
        self.assertEqual(contract.state, "sent", "what the records say now is of no consequence")

    # === THE MATRIX OF CALLS === #

    def test_server_fields(self):
        """Nobody gives himself a state, a number, an approval: not on creation, not later, not by context."""
        contract = self._draft()
        for (name, value), user in itertools.product(BARRED.items(), (self.author, self.manager)):
            with self.subTest(name=name, user=user.login), self.assertRaises(AccessError):
                self.rpc(user, contract, "write", {name: value})
        for name, value in BARRED.items():
            with self.subTest(create=name), self.assertRaises(AccessError):
                self.rpc(
                    self.author,
                    self.env["dealer.contract"],
                    "create",
                    {"partner_id": self.dealer.id, "template_id": self.template.id, name: value},
                )
        created = self.rpc(
            self.author,
            self.env["dealer.contract"],
            "create",
            {"partner_id": self.dealer.id, "template_id": self.template.id},
            context={f"default_{name}": value for name, value in BARRED.items() if not isinstance(value, list)},
        )
        contract = self.env["dealer.contract"].browse(created)
        self.assertEqual(
            (contract.state, contract.name, contract.digest, contract.round, contract.version, contract.signed_by),
            ("draft", False, False, 0, 1, False),
        )

    def test_who_may_call_what(self):
        """Each button in each state by each role over RPC: allowed where listed, refused everywhere else."""
        people = {
            "author": self.author,
            "colleague": self.colleague,
            "custodian": self.custodian,
            "manager": self.manager,
            "legal": self.legal,
            "salesman": self.salesman,
            "dealer": self.dealer_user,
        }
        owner = {"author", "manager"}
        allowed = {
            ("action_submit", "draft"): owner,
            ("action_cancel", "draft"): owner,
            ("action_approve", "review"): {"legal"},
            ("action_revise", "review"): owner,
            ("action_cancel", "review"): owner,
            ("action_send", "approved"): owner,
            ("action_revise", "approved"): owner,
            ("action_cancel", "approved"): owner,
            ("action_revise", "sent"): owner,
            ("action_cancel", "sent"): owner,
            ("action_file", "signed"): {"custodian", "manager"},
            ("action_terminate", "signed"): owner,
            ("action_amend", "in_force"): owner,
            ("action_renew", "in_force"): owner,
            ("action_notice", "in_force"): owner,
            ("action_terminate", "in_force"): owner,
        }
        makers = {
            "draft": self._draft,
            "review": self._submitted,
            "approved": self._approved,
            "sent": self._sent,
            "signed": self._signed,
            "in_force": lambda: self._filed(date_start="2020-01-01", date_end="2100-01-01"),
        }
        buttons = sorted({button for button, _state in allowed})
        for state, make in makers.items():
            contract = make()
            if state == "signed":
                contract.sudo().write({"custodian_id": self.custodian.id, "paper_place": "A", "copies_kept": 1})
            self.assertEqual(contract.state, state)
            for button, (role, user) in itertools.product(buttons, people.items()):
                with self.subTest(state=state, button=button, role=role):
                    may = role in allowed.get((button, state), ())
                    savepoint = self.env.cr.savepoint()
                    try:
                        if may:
                            self.rpc(user, contract, button)
                        else:
                            with self.assertRaises(UserError):
                                self.rpc(user, contract, button)
                    finally:
                        savepoint.rollback()
                        savepoint.close(rollback=False)
                        self.env.invalidate_all()

    def _submitted(self):
        contract = self._draft()
        contract.action_submit()
        return contract

    def test_private_methods(self):
        contract = self._submitted()
        for name in ("_decide", "_sign", "_terminate", "_take_scan", "_back_to_draft", "_make_paper", "_lock"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.rpc(self.manager, contract, name)

    def test_records_of_the_server(self):
        """Approvals, files and readings are nobody's to write."""
        contract = self._filed()
        contract.sudo()._note_reading("print")
        rows = (contract.approval_ids[0], contract.sudo().file_ids[0], contract.sudo().reading_ids[:1])
        for row, user in itertools.product(rows, (self.author, self.custodian, self.manager, self.legal)):
            with self.subTest(model=row._name, user=user.login):
                for method, args in (("write", [{"create_uid": 1}]), ("unlink", [])):
                    with self.assertRaises(UserError):
                        self.rpc(user, row, method, *args)
                with self.assertRaises(UserError):
                    self.rpc(user, row.browse(), "create", {"contract_id": contract.id})
        with self.assertRaises(UserError):
            contract.sudo().file_ids[0].write({"sha256": "0" * 64})
        with self.assertRaises(UserError):
            contract.sudo().file_ids[0].unlink()

    def test_no_deletion_once_submitted(self):
        contract = self._draft()
        contract.action_submit()
        contract.action_revise()
        for user in (self.author, self.manager):
            with self.assertRaisesRegex(UserError, "stays on record"):
                self.rpc(user, contract, "unlink")
        with self.assertRaises(UserError):
            contract.sudo().unlink()
        self._draft().unlink()

    def test_owner_is_given_by_managers(self):
        contract = self._draft()
        with self.assertRaises(AccessError):
            contract.write({"user_id": self.colleague.id})
        contract.with_user(self.manager).write({"user_id": self.colleague.id})
        self.assertEqual(contract.user_id, self.colleague)

    def test_figures(self):
        contract = self._draft()
        for values in ({"shelf_life_share": 101}, {"breach_penalty": -1}, {"late_rate": -1}, {"copies": -1}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                contract.write(values)
