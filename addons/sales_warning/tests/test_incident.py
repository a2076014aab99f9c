from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestIncident(SalesWarningCommon):
    """W5: what staff report opens a case at once."""

    def _report(self, user=None, **values):
        return (
            self.env["warning.incident"]
            .with_user(user or self.seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "kind_id": self.env.ref("sales_warning.warning_incident_kind_theft").id,
                    "what": "The warehouse was emptied at night",
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_one_step(self):
        action = self.branch.with_user(self.seller).with_company(self.company).action_report_incident()
        view = self.env.ref("sales_warning.warning_incident_view_form_report")
        Incident = self.env["warning.incident"].with_user(self.seller).with_context(**action["context"])
        with Form(Incident.with_company(self.company), view) as form:
            form.kind_id = self.env.ref("sales_warning.warning_incident_kind_breakup")
            form.what = "The partners part"
        case = form.record.sudo().case_id
        self.assertEqual((case.partner_id, case.level, case.user_id), (self.customer, "red", self.leader))
        self.assertIn("The partners part", case.sentence)
        self.assertIn(self.leader, case.activity_ids.user_id)
        self.assertEqual(case.log_ids.user_id, self.seller)

    def test_two_incidents_are_two_cases(self):
        one, two = self._report(), self._report()
        self.assertNotEqual(one.sudo().case_id, two.sudo().case_id)

    def test_a_night_leaves_them_open(self):
        case = self._report().sudo().case_id
        self._night()
        self.assertEqual(case.state, "open")

    def test_the_report_stays(self):
        incident = self._report(reported_by=self.manager.id)
        self.assertEqual(incident.reported_by, self.seller)
        with self.assertRaises(UserError):
            incident.write({"what": "Nothing"})
        with self.assertRaises(UserError):
            incident.sudo().unlink()

    def test_who_reports(self):
        for user in (self.clerk, self.portal):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self._report(user)
        self._report(self.reader)
