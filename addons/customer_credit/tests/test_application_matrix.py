"""C1: by RPC, at every step everybody but the right person is refused."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common_application import ApplicationCase

PRIVATE = (
    "_decide",
    "_revoke",
    "_put_in_force",
    "_after_assessment",
    "_after_investigation",
    "_propose",
    "_record_decision",
    "_drop_assessment",
    "_reopen_assessment",
    "_cron_applications",
    "_expire",
)


@tagged("post_install", "-at_install")
class TestApplicationMatrix(ApplicationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            "applicant": cls.applicant,
            "salesperson": cls._user("credit_matrix_salesman", "sales_team.group_sale_salesman_all_leads"),
            "biller": cls.biller,
            "reader": cls.reader,
            "investigator": cls.investigator,
            "accountant": cls.assessor,
            "director": cls.director,
            # Whoever could do everything, and asked for this credit.
            "asking_director": cls._user("credit_matrix_asker", "customer_credit.group_credit_manager"),
            "sales_manager": cls._user("credit_matrix_manager", "sales_team.group_sale_manager"),
            "portal": new_test_user(
                cls.env,
                "credit_matrix_portal",
                "base.group_portal",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            ),
        }

    def rpc(self, user, record, method, *args, context=None, **kwargs):
        args = [record.ids, *args] if record.ids else list(args)
        context = {"allowed_company_ids": self.company.ids, **(context or {})}
        return call_kw(self.env[record._name].with_user(user), method, args, {"context": context, **kwargs})

    def step(self, record, allowed, call):
        """Try a step as everybody, undoing each try; those of ``allowed`` alone may take it."""
        passed, refused = set(), set()
        for name, user in self.people.items():
            self.env.flush_all()
            try:
                with self.env.cr.savepoint() as savepoint:
                    call(user)
                    self.env.flush_all()
                    passed.add(name)
                    savepoint.rollback()
            except (AccessError, UserError):
                refused.add(name)
            self.env.invalidate_all()
        self.assertEqual(passed, set(allowed), record)
        self.assertEqual(refused, self.people.keys() - passed)

    def test_c1_matrix(self):
        self._trade()
        Application = self.env["credit.application"]
        values = {"partner_id": self.customer.id, "requested_limit": 20000.0, "reason": "Autumn"}
        creators = set(self.people) - {"reader", "portal"}
        self.step(Application, creators, lambda user: self.rpc(user, Application, "create", [values]))

        application = self._application(user=self.people["applicant"])
        everything = [
            ("action_submit", {"applicant"}),
            ("action_investigate", set()),
            ("action_assess", set()),
            ("action_decide", set()),
            ("action_revoke", set()),
        ]
        self.steps(application, everything)
        self.step(
            application, {"applicant"}, lambda user: self.rpc(user, application, "write", {"requested_limit": 1.0})
        )
        application.action_submit()

        # Submitted: whoever investigates is not the applicant.
        everything = [
            ("action_submit", set()),
            ("action_investigate", {"investigator", "accountant", "director", "asking_director"}),
            ("action_assess", set()),
            ("action_decide", set()),
            ("action_revoke", set()),
        ]
        self.steps(application, everything)
        self.step(application, (), lambda user: self.rpc(user, application, "write", {"requested_limit": 1.0}))
        self.rpc(self.investigator, application, "action_investigate")

        investigation = application.with_user(self.investigator).investigation_id
        facts = {"conclusion": "Sound", "file_complete": True}
        self.step(investigation, {"investigator"}, lambda user: self.rpc(user, investigation, "write", facts))
        self.steps(application, [("action_investigate", set()), ("action_assess", set()), ("action_decide", set())])
        self.rpc(self.investigator, investigation, "write", facts)
        self.step(investigation, {"investigator"}, lambda user: self.rpc(user, investigation, "action_done"))
        self.step(
            investigation,
            (),
            lambda user: self.rpc(
                user, investigation.browse(), "create", [{"application_id": application.id, "conclusion": "Mine"}]
            ),
        )
        self.rpc(self.investigator, investigation, "action_done")
        self.step(investigation, (), lambda user: self.rpc(user, investigation, "write", facts))
        self.step(investigation, (), lambda user: self.rpc(user, investigation, "unlink"))

        # Investigated: accountants and directors assess.
        self.steps(
            application,
            [("action_assess", {"accountant", "director", "asking_director"}), ("action_decide", set())],
        )
        card = self._answer(application)
        answer = card.answer_ids.filtered(lambda each: each.kind == "manual")[:1]
        self.step(answer, {"accountant"}, lambda user: self.rpc(user, answer, "write", {"first_points": "3"}))
        # Managers of scorecards may hand in what is complete; the credit manager group isn't among them.
        self.step(card, {"accountant"}, lambda user: self.rpc(user, card, "action_submit"))
        self.rpc(self.assessor, card, "action_submit")

        # Assessed: directors who had no hand in it decide; the assessment isn't approved apart from that.
        self.step(card, (), lambda user: self.rpc(user, card, "action_approve"))
        self.steps(
            application,
            [("action_assess", set()), ("action_decide", {"director", "asking_director"}), ("action_revoke", set())],
        )
        self.step(application, {"director", "asking_director"}, lambda user: self.decide_by_rpc(user, application))
        for method in PRIVATE:
            with self.assertRaises(AccessError):
                self.rpc(self.director, application, method)
        self.step(application, (), lambda user: self.rpc(user, application, "write", {"state": "in_force"}))
        self.decide_by_rpc(self.director, application)
        self.assertEqual(application.state, "in_force")
        self.assertEqual(self._exposure().base_limit, 18000.0)

        # In force: revoked by directors; nothing else moves.
        self.steps(
            application,
            [
                ("action_submit", set()),
                ("action_investigate", set()),
                ("action_assess", set()),
                ("action_decide", set()),
                ("action_cancel", set()),
                ("action_revoke", {"director", "asking_director"}),
                ("unlink", set()),
            ],
        )
        self.step(application, (), lambda user: self.decide_by_rpc(user, application))

    def test_c1_four_eyes(self):
        """C1: people with every right, who had a hand in the application, don't take the next step themselves."""
        self._trade()
        asker = self.people["asking_director"]
        application = self._submitted(user=asker)
        for method in ("action_investigate",):
            with self.assertRaisesRegex(AccessError, "your own application"):
                self.rpc(asker, application, method)
        investigator = self._user("credit_matrix_second", "customer_credit.group_credit_manager")
        self.rpc(investigator, application, "action_investigate")
        investigation = application.with_user(investigator).investigation_id
        self.rpc(investigator, investigation, "write", {"conclusion": "Sound", "file_complete": True})
        self.rpc(investigator, investigation, "action_done")
        with self.assertRaisesRegex(AccessError, "your own application"):
            self.rpc(asker, application, "action_assess")
        assessor = self._user(
            "credit_matrix_third", "customer_credit.group_credit_manager,customer_scorecard.group_scorecard_manager"
        )
        card = self._answer(application, user=assessor)
        asker.group_ids = [Command.link(self.env.ref("customer_scorecard.group_scorecard_manager").id)]
        with self.assertRaisesRegex(AccessError, "of one's own"):
            self.rpc(asker, card, "action_submit")
        self.rpc(assessor, card, "action_submit")
        for person in (asker, investigator, assessor):
            with self.assertRaisesRegex(AccessError, "You had a hand in"):
                self.rpc(person, application, "action_decide")
            with self.assertRaisesRegex(AccessError, "You had a hand in"):
                self.decide_by_rpc(person, application)
        self.decide_by_rpc(self.director, application)
        self.assertEqual(application.state, "in_force")

    def test_c1_decision_form_of_another(self):
        """C1: nobody presses the button of a form that somebody else filled in, nor decides unseen."""
        self._trade()
        application = self._assessed()
        Wizard = self.env["credit.application.decide"]
        context = {"default_application_id": application.id}
        wizard = Wizard.browse(self.rpc(self.director, Wizard, "create", [{"reason": "Fine"}], context=context))
        with self.assertRaises(AccessError):
            self.rpc(self.assessor, wizard, "action_decide")
        blind = Wizard.browse(
            self.rpc(self.director, Wizard, "create", [{"reason": "Fine", "seen": "0" * 64}], context=context)
        )
        with self.assertRaisesRegex(UserError, "changed since"):
            self.rpc(self.director, blind, "action_decide")

    def steps(self, application, methods):
        for method, allowed in methods:
            with self.subTest(state=application.state, method=method):
                self.step(application, allowed, lambda user, method=method: self.rpc(user, application, method))

    def decide_by_rpc(self, user, application):
        Wizard = self.env["credit.application.decide"]
        context = {"default_application_id": application.id, "default_outcome": "approved"}
        wizard_ids = self.rpc(user, Wizard, "create", [{"reason": "As proposed"}], context=context)
        return self.rpc(user, Wizard.browse(wizard_ids), "action_decide")
