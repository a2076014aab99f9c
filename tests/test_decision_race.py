"""C1: two people who decide at the same moment, in two server processes: one clear outcome, recorded once."""

import json
from functools import partial

import pytest

from scheduler import shell
from servers import Refusal, Session, at_once, suite_copy, two_servers

ROUNDS = 10
SETUP = """
import json
from datetime import timedelta
from odoo import Command, fields
company = env.company
group = lambda *names: [Command.link(env.ref(name).id) for name in names]
def person(login, *groups):
    return env["res.users"].create(
        {"name": login, "login": login, "password": login, "email": f"{login}@example.com", "group_ids": group(*groups)}
    )
applicant = person("decision_applicant", "sales_team.group_sale_salesman")
investigator = person("decision_investigator", "customer_credit.group_credit_investigator")
assessor = person("decision_assessor", "customer_credit.group_credit_controller")
directors = [person(f"decision_{name}", "customer_credit.group_credit_manager") for name in ("one", "two")]
customers = env["res.partner"].create(
    [{"name": f"Decided {number}", "is_company": True, "user_id": applicant.id} for number in range(2 * %(rounds)d)]
)
accounts = env["credit.account"].create(
    [{"partner_id": customer.id, "mode": "amount", "credit_limit": 100.0} for customer in customers]
)
# A temporary limit each, so that another one doesn't change the account's own row.
today = fields.Date.today()
env["credit.temporary.limit"].create([
    {"account_id": account.id, "amount": 1.0, "date_to": today + timedelta(days=400), "reason": "Base"}
    for account in accounts
])
def assess(application):
    application.with_user(applicant).action_submit()
    application.with_user(investigator).action_investigate()
    investigation = application.with_user(investigator).investigation_id
    investigation.write({"conclusion": "Sound", "file_complete": True})
    investigation.action_done()
    application.with_user(assessor).action_assess()
    card = application.with_user(assessor).scorecard_id
    for answer in card.answer_ids.filtered(lambda answer: answer.kind == "manual"):
        answer.write({"first_points": "4"})
    card.action_submit()
def apply(customer, **values):
    application = env["credit.application"].with_user(applicant).create(
        {"partner_id": customer.id, "requested_limit": 500.0, "reason": "Race", "kind": "increase", **values}
    )
    assess(application)
    return application.id
same = [apply(customer) for customer in customers[:%(rounds)d]]
pairs = []
for customer in customers[%(rounds)d:]:
    limit = apply(customer)
    # Approved assessments of one customer follow each other: the temporary one is decided on its own.
    days = {"date_from": str(today), "date_to": str(today + timedelta(days=9))}
    pairs.append([limit, apply(customer, kind="temporary", **days)])
env.cr.commit()
print("DECISIONS" + json.dumps({"same": same, "pairs": pairs}))
"""


class Director(Session):
    """Somebody who decides through the form."""

    timeout = 120

    def open(self, application_id, **values):
        context = {"default_application_id": application_id, "default_outcome": "approved"}
        return self.call("credit.application.decide", "create", [{"reason": "Race", **values}], context=context)

    def press(self, wizard_ids):
        return self.call("credit.application.decide", "action_decide", wizard_ids)


@pytest.fixture(scope="module")
def race():
    """Two servers on one copy of the suite's database, and the assessed applications in it."""
    with suite_copy("decisions") as name:
        applications = json.loads(
            shell(name, SETUP % {"rounds": ROUNDS}, timeout=None).partition("DECISIONS")[2].splitlines()[0]
        )
        with two_servers(name) as servers:
            directors = [
                Director(server, f"decision_{login}") for server, login in zip(servers, ("one", "two"), strict=True)
            ]
            yield directors, applications


def press_at_once(directors, forms):
    """Have both press their button at the same moment; return what each was told, None for no objection."""
    answers = at_once(*(partial(director.press, form) for director, form in zip(directors, forms, strict=True)))
    return [answer if isinstance(answer, Refusal) else None for answer in answers]


def test_c1_one_application_two_directors(race):
    """C1: one approves while the other refuses: one of both is on record, and the other is told who was faster."""
    directors, applications = race
    for application_id in applications["same"]:
        forms = [
            directors[0].open(application_id, limit=500.0, days=30),
            directors[1].open(application_id, outcome="refused"),
        ]
        told = press_at_once(directors, forms)
        assert told.count(None) == 1, told
        assert "has been decided by" in next(filter(None, told))
        winner = told.index(None)
        [application] = directors[0].call(
            "credit.application", "read", [application_id], ["state", "decision_ids", "decided_by"]
        )
        assert application["state"] == ("in_force", "refused")[winner]
        assert application["decided_by"][1] == ("decision_one", "decision_two")[winner]
        assert len(application["decision_ids"]) == 1


def test_c1_one_account_two_applications(race):
    """C1: a limit and a temporary limit of one account, decided at once: the second is told that credit changed."""
    directors, applications = race
    for pair in applications["pairs"]:
        forms = [
            directors[0].open(pair[0], limit=500.0, days=30),
            directors[1].open(pair[1], limit=50.0),
        ]
        told = press_at_once(directors, forms)
        assert told.count(None) == 1, told
        assert "changed since you opened it" in next(filter(None, told))
        states = [
            application["state"] for application in directors[0].call("credit.application", "read", pair, ["state"])
        ]
        assert sorted(states) == ["assessed", "in_force"]
        # Looked at again, the other one is decided as well.
        loser = 1 - told.index(None)
        again = directors[loser].open(pair[loser], limit=50.0, days=30)
        directors[loser].press(again)
