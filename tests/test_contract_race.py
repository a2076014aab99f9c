"""D3, D6, D7: two server processes that act at the same moment never give, sign, settle or return anything twice."""

import base64
import contextlib
import io
import itertools

import pytest
import requests
from pypdf import PdfWriter

import postgres
from servers import Refusal, at_once, suite_copy, two_servers

ROUNDS = 8
# Some of these print a paper.
FEW_ROUNDS = 6
GROUP = "dealer_contracts.group_contract_"


def _one_page():
    target = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(target)
    return target.getvalue()


ONE_PAGE = _one_page()
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def race():
    """Two servers on one copy of the suite's database, and a connection to it."""
    with suite_copy("contract_race") as name, two_servers(name) as servers:
        with contextlib.closing(postgres.connect(postgres.connection(), name)) as opened:
            opened.autocommit = True
            yield servers, opened


class People:
    """Users by their groups, and a dealer with all that a contract asks for."""

    number = itertools.count(1)

    def __init__(self, servers):
        self.servers = servers
        self.admin = servers[0].login("admin")

    def reference(self, xmlid):
        return self.admin.call("ir.model.data", "check_object_reference", *xmlid.split("."))[1]

    def users(self, *groups):
        """Two users with these groups, each logged in on a server of its own."""
        key = "_".join(group.rpartition("_")[2] for group in groups)
        logins = [f"race_{key}_{number}" for number in range(2)]
        ids = [(4, self.reference(group)) for group in groups]
        for login in logins:
            if not self.admin.call("res.users", "search_count", [("login", "=", login)]):
                values = {"name": login, "login": login, "password": login, "group_ids": ids}
                self.admin.call("res.users", "create", [values])
        return [server.login(login) for server, login in zip(self.servers, logins, strict=True)]

    def firm(self, values, partner=None):
        country = self.reference("base.us")
        values = {
            "street": "1 Main Street",
            "city": "Springfield",
            "country_id": country,
            "phone": "+1 202 555 0143",
            "vat": "12-3456789",
            "legal_representative": "Jo Field",
            "bank_ids": [(0, 0, {"acc_number": f"RACE {next(self.number)}", "bank_id": self.bank()})],
            "child_ids": [(0, 0, {"name": f"Clerk of {values['name']}"})],
            **values,
        }
        if partner:
            self.admin.call("res.partner", "write", [partner], values)
            return partner
        return self.admin.call("res.partner", "create", [{"is_company": True, **values}])[0]

    def bank(self):
        return self.admin.call("res.bank", "create", [{"name": "First Bank"}])[0]

    def own_firm(self):
        """Our own firm, with what a contract asks for."""
        company = self.admin.call("res.users", "read", [self.admin.uid], ["company_id"])[0]["company_id"][0]
        own = self.admin.call("res.company", "read", [company], ["partner_id"])[0]["partner_id"][0]
        if not self.admin.call("res.partner", "read", [own], ["legal_representative"])[0]["legal_representative"]:
            self.firm({"name": "Race Wholesale"}, own)

    def contracts(self, count, **values):
        """Complete drafts of the short English framework, each with a dealer of its own."""
        self.own_firm()
        drafts = {
            "template_id": self.reference("dealer_contracts.template_framework_en"),
            "date_signed": "2030-01-01",
            "date_start": "2030-01-01",
            "date_end": "2031-01-01",
            "sign_place": "Springfield",
            "payment_term_id": self.reference("account.account_payment_term_30days"),
            "category_ids": [(4, self.reference("product.product_category_goods"))],
            "no_policy": True,
            **values,
        }
        return [
            self.admin.call(
                "dealer.contract", "create", [{**drafts, "partner_id": self.firm({"name": f"Race Dealer {number}"})}]
            )[0]
            for number in range(count)
        ]


class Visitor:
    """Somebody without login who has the link to a contract."""

    def __init__(self, server):
        self.url = server.url
        self.http = requests.Session()
        self.http.get(f"{self.url}/web/login", params={"db": server.name}, timeout=60)

    def sign(self, contract, token, sha256):
        params = {"access_token": token, "sha256": sha256, "name": "Jo Field", "signature": PIXEL}
        address = f"{self.url}/my/contracts/{contract}/sign"
        answer = self.http.post(address, json={"jsonrpc": "2.0", "params": params}, timeout=60).json()
        assert "error" not in answer, answer
        assert "error" not in answer["result"], answer["result"]["error"]
        return answer["result"]


def only_refusal(answers):
    """The one answer that is a refusal; the other did what it was asked for."""
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(refused) == 1, answers
    return refused[0]


def test_one_exclusive_right(race):
    people = People(race[0])
    admin = people.admin
    lawyers, accountants, directors = (people.users(GROUP + name) for name in ("legal", "finance", "director"))
    people.own_firm()
    dealers = [people.firm({"name": f"Race Dealer {number}"}) for number in range(2)]
    area = admin.call("dealer.area", "create", [{"name": "Race Province"}])[0]
    city = admin.call("dealer.area", "create", [{"name": "Race City", "parent_id": area}])[0]
    product = admin.call("product.product", "create", [{"name": "Race Pills"}])[0]
    line = {"product_id": product, "brand": "Race", "specification": "20", "quantity": 10000, "price_unit": 1000}
    values = {
        "template_id": people.reference("dealer_contracts.template_sale_en"),
        "date_signed": "2030-01-01",
        "date_start": "2030-01-01",
        "date_end": "2031-01-01",
        "sign_place": "Springfield",
        "payment_term_id": people.reference("account.account_payment_term_30days"),
        "no_policy": True,
        "distribution_level": "sole",
        "exclusive": True,
        "line_ids": [(0, 0, line)],
    }
    outcomes = []
    for _round in range(ROUNDS):
        pair = [
            admin.call("dealer.contract", "create", [{**values, "partner_id": dealer, "area_ids": [(4, place)]}])[0]
            for dealer, place in zip(dealers, (area, city), strict=True)
        ]
        admin.call("dealer.contract", "action_submit", pair)
        for approver in (lawyers[0], accountants[0]):
            approver.call("dealer.contract", "action_approve", pair)
        answers = at_once(
            *(
                lambda director=director, contract=contract: director.call(
                    "dealer.contract", "action_approve", [contract]
                )
                for director, contract in zip(directors, pair, strict=True)
            )
        )
        states = [found["state"] for found in admin.call("dealer.contract", "read", pair, ["state"])]
        outcomes.append(sorted(states))
        [refused] = [answer for answer in answers if isinstance(answer, Refusal)]
        assert "in the way" in refused
        assert [answer is not refused for answer in answers] == [state == "approved" for state in states]
        admin.call("dealer.contract", "action_cancel", pair)
    assert outcomes == [["approved", "review"]] * ROUNDS


def test_one_settlement(race):
    servers, connection = race
    people = People(servers)
    admin = people.admin
    settlers = people.users("dealer_contracts.group_contract_finance", "dealer_contracts.group_contract_custodian")
    admin.call(
        "res.users", "write", [admin.uid], {"group_ids": [(4, people.reference("account.group_account_manager"))]}
    )
    dealer = admin.call("res.partner", "create", [{"name": "Race Rebates", "is_company": True}])[0]
    rebate = {
        "name": "Annual",
        "step_ids": [(0, 0, {"lower": 0, "upper": 10000, "rate": 1}), (0, 0, {"lower": 10000, "rate": 2})],
    }
    contract = admin.call(
        "dealer.contract",
        "create",
        [
            {
                "partner_id": dealer,
                "date_start": "2020-01-01",
                "date_end": "2100-01-01",
                "rebate_ids": [(0, 0, {**rebate, "period": "term"})],
            }
        ],
    )[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dealer_contract SET state = 'in_force' WHERE id = %s", [contract])
        cursor.execute("UPDATE dealer_contract_rebate SET state = 'in_force' WHERE contract_id = %s", [contract])
    [rebate] = admin.call("dealer.contract.rebate", "search", [("contract_id", "=", contract)])
    for number in range(ROUNDS):
        line = {"name": "Goods", "quantity": 1, "price_unit": 5000, "tax_ids": []}
        move = {
            "move_type": "out_invoice",
            "partner_id": dealer,
            "invoice_date": "2025-01-01",
            "invoice_line_ids": [(0, 0, line)],
        }
        invoice = admin.call("account.move", "create", [move])
        admin.call("account.move", "action_post", invoice)
        answers = at_once(
            *(
                lambda settler=settler: settler.call("dealer.contract.rebate", "action_settle", [rebate])
                for settler in settlers
            )
        )
        [refused] = [answer for answer in answers if isinstance(answer, Refusal)]
        assert "nothing to settle" in refused
        found = admin.call(
            "dealer.contract.settlement", "search_read", [("rebate_id", "=", rebate)], ["amount"], order="id"
        )
        # 1 % of the first 10,000, 2 % of what is above.
        assert [settlement["amount"] for settlement in found] == [50, 50, *[100] * number][: number + 1]


def test_one_approval(race):
    """Two lawyers approve the same step at once, then one accountant on two screens: each step is decided once."""
    people = People(race[0])
    admin = people.admin
    lawyers, accountants = (people.users(GROUP + name) for name in ("legal", "finance"))
    accountant = [accountants[0], race[0][1].login("race_finance_0")]
    contracts = people.contracts(FEW_ROUNDS)
    admin.call("dealer.contract", "action_submit", contracts)
    for contract in contracts:
        for place, (pair, obstacle) in enumerate(((lawyers, "Finance"), (accountant, "Director")), 1):
            answers = at_once(
                *(
                    lambda user=user, contract=contract: user.call("dealer.contract", "action_approve", [contract])
                    for user in pair
                )
            )
            refused = only_refusal(answers)
            assert f"the step “{obstacle}” is for" in refused
            steps = admin.call(
                "dealer.contract.approval",
                "search_read",
                [("contract_id", "=", contract)],
                ["state", "user_id"],
                order="sequence",
            )
            assert [step["state"] for step in steps] == ["approved"] * place + ["pending"] * (3 - place)
            # Who was let in is who is on record.
            [passed] = [user for user, answer in zip(pair, answers, strict=True) if answer is not refused]
            assert steps[place - 1]["user_id"][0] == passed.uid
            said = [("model", "=", "dealer.contract"), ("res_id", "=", contract), ("body", "like", "Approved: ")]
            assert admin.call("mail.message", "search_count", said) == place


def sent(people, connection, contract):
    """Take a draft to the dealer; return the owner's session, the key of the link and the hash of the paper."""
    judges = [people.users(GROUP + name)[0] for name in ("legal", "finance", "director")]
    people.admin.call("dealer.contract", "action_submit", [contract])
    for judge in judges:
        judge.call("dealer.contract", "action_approve", [contract])
    people.admin.call("dealer.contract", "action_send", [contract])
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, issued_sha256 FROM dealer_contract WHERE id = %s", [contract])
        return cursor.fetchone()


def unsigned(connection, contract):
    """Go back to the moment before the signature, instead of taking another contract through all approvals."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dealer_contract_file WHERE contract_id = %s AND kind <> 'issued'", [contract])
        cursor.execute(
            "DELETE FROM ir_attachment WHERE res_model = 'dealer.contract' AND res_id = %s AND res_field = 'signature'",
            [contract],
        )
        cursor.execute("UPDATE dealer_contract SET state = 'sent', signed_way = NULL WHERE id = %s", [contract])


def test_one_signature(race):
    """The dealer signs on the portal while a custodian takes the paper signed by hand: one of them counts."""
    people = People(race[0])
    admin, connection = people.admin, race[1]
    keeper = people.users(GROUP + "custodian")[1]
    [contract] = people.contracts(1)
    token, sha256 = sent(people, connection, contract)
    dealer = Visitor(race[0][0])
    checks = dict.fromkeys(("all_pages", "same_text", "our_seal", "their_seal", "signatures", "dated"), True)
    scan = {
        "contract_id": contract,
        "scan": base64.b64encode(ONE_PAGE).decode(),
        "scan_name": "scan.pdf",
        "signed_by": "Jo",
        "signed_on": "2026-01-01",
        **checks,
    }
    for _round in range(FEW_ROUNDS):
        [wizard] = keeper.call("dealer.contract.scan", "create", [scan])
        answers = at_once(
            lambda: dealer.sign(contract, token, sha256),
            lambda wizard=wizard: keeper.call("dealer.contract.scan", "action_take", [wizard]),
        )
        refused = only_refusal(answers)
        assert "for this it has to be one of: Sent" in refused
        way = "paper" if answers[0] is refused else "portal"
        [found] = admin.call("dealer.contract", "read", [contract], ["state", "signed_way"])
        kinds = admin.call("dealer.contract.file", "search_read", [("contract_id", "=", contract)], ["kind"])
        assert (found["state"], found["signed_way"]) == ("signed", way)
        assert sorted(file["kind"] for file in kinds) == ["issued", "scan" if way == "paper" else "signature"]
        unsigned(connection, contract)


def test_two_visitors_sign_once(race):
    """Two people with the link sign at once: one name, one certificate."""
    people = People(race[0])
    connection = race[1]
    [contract] = people.contracts(1)
    token, sha256 = sent(people, connection, contract)
    dealers = [Visitor(server) for server in race[0]]
    for _round in range(FEW_ROUNDS):
        answers = at_once(*(lambda dealer=dealer: dealer.sign(contract, token, sha256) for dealer in dealers))
        assert "for this it has to be one of: Sent" in only_refusal(answers)
        kinds = people.admin.call("dealer.contract.file", "search_read", [("contract_id", "=", contract)], ["kind"])
        assert sorted(file["kind"] for file in kinds) == ["issued", "signature"]
        unsigned(connection, contract)


def test_signature_or_withdrawal(race):
    """The dealer signs while the owner takes the contract back to draft: it is signed, or it is a draft."""
    people = People(race[0])
    admin, connection = people.admin, race[1]
    contracts = people.contracts(FEW_ROUNDS)
    dealer = Visitor(race[0][0])
    owner = race[0][1].login("admin")
    for contract in contracts:
        token, sha256 = sent(people, connection, contract)
        answers = at_once(
            lambda contract=contract, token=token, sha256=sha256: dealer.sign(contract, token, sha256),
            lambda contract=contract: owner.call("dealer.contract", "action_revise", [contract]),
        )
        only_refusal(answers)
        signed = not isinstance(answers[0], Refusal)
        [found] = admin.call("dealer.contract", "read", [contract], ["state", "signed_by", "issued_sha256"])
        kinds = admin.call("dealer.contract.file", "search_read", [("contract_id", "=", contract)], ["kind"])
        steps = admin.call("dealer.contract.approval", "search_read", [("contract_id", "=", contract)], ["state"])
        assert found["state"] == ("signed" if signed else "draft")
        assert bool(found["signed_by"]) == bool(found["issued_sha256"]) == signed
        assert ("signature" in {file["kind"] for file in kinds}) == signed
        assert {step["state"] for step in steps} == {"approved" if signed else "void"}


def test_one_loan(race):
    """Two custodians lend the only original at once: one of them does."""
    people = People(race[0])
    admin, connection = people.admin, race[1]
    keepers = people.users(GROUP + "custodian")
    [contract] = people.contracts(1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dealer_contract SET state = 'filed', copies_kept = 1 WHERE id = %s", [contract])
    loan = {"contract_id": contract, "purpose": "talks", "date_due": "2100-01-01"}
    for _round in range(ROUNDS):
        answers = at_once(
            *(
                lambda keeper=keeper: keeper.call(
                    "dealer.contract.loan", "create", [{**loan, "borrower_id": keeper.uid}]
                )
                for keeper in keepers
            )
        )
        assert "1 originals are kept and 2 would be lent" in only_refusal(answers)
        out = admin.call("dealer.contract.loan", "search", [("contract_id", "=", contract), ("date_back", "=", False)])
        assert len(out) == 1
        keepers[0].call("dealer.contract.loan", "action_return", out)


def test_one_return(race):
    """Two accountants return the same deposit at once: it goes back once, and is booked once."""
    people = People(race[0])
    admin = people.admin
    accountants = people.users(GROUP + "finance", GROUP + "custodian")
    [contract] = people.contracts(1, deposit_amount=1000)
    values = {"contract_id": contract, "amount": 500, "reference": "Bank 7"}
    for number in range(1, FEW_ROUNDS + 1):
        accountants[0].call("dealer.contract.deposit", "create", [{**values, "kind": "received"}])
        answers = at_once(
            *(
                lambda user=user: user.call("dealer.contract.deposit", "create", [{**values, "kind": "returned"}])
                for user in accountants
            )
        )
        assert "No more can be returned" in only_refusal(answers)
        returned = [("contract_id", "=", contract), ("kind", "=", "returned")]
        assert admin.call("dealer.contract.deposit", "search_count", returned) == number


def test_one_penalty(race):
    """A manager invoices a penalty while another one does the same: one invoice."""
    people = People(race[0])
    admin = people.admin
    managers = people.users(GROUP + "manager")
    area, elsewhere = admin.call("dealer.area", "create", [{"name": "Here"}, {"name": "There"}])
    contracts = people.contracts(FEW_ROUNDS, area_ids=[(4, area)], breach_penalty=10)
    breach = {"summary": "Cartons", "area_id": elsewhere, "amount": 1000, "evidence": "Lot 2511"}
    for contract in contracts:
        [found] = admin.call("dealer.area.breach", "create", [{**breach, "contract_id": contract}])
        decision = {"breach_id": found, "state": "confirmed", "reason": "The codes are his"}
        [wizard] = managers[0].call("dealer.area.breach.decision", "create", [decision])
        managers[0].call("dealer.area.breach.decision", "action_decide", [wizard])
        answers = at_once(
            *(
                lambda user=user, found=found: user.call("dealer.area.breach", "action_penalty_invoice", [found])
                for user in managers
            )
        )
        assert "nothing is open" in only_refusal(answers)
        taken = admin.call("dealer.area.penalty", "search_read", [("breach_id", "=", found)], ["amount", "move_id"])
        assert [penalty["amount"] for penalty in taken] == [100]
