from odoo.tests import TransactionCase, tagged

from .common import WeasyprintCommon


@tagged("post_install", "-at_install")
class TestAttachment(WeasyprintCommon, TransactionCase):
    """Odoo keeps files of reports with the records; that works as before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.attachment = "'%s.pdf' % object.ref"
        cls.employee.group_ids += cls.env.ref("base.group_partner_manager")

    def _kept(self):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_id", "in", (self.customer + self.other_customer).ids)], order="id"
        )

    def test_each_record_keeps_its_file(self):
        whole = self._pdf(self.customer + self.other_customer)
        kept = self._kept()
        self.assertEqual(kept.mapped("name"), ["K-001.pdf", "K-002.pdf"])
        self.assertEqual(kept.mapped("res_id"), (self.customer + self.other_customer).ids)
        self.assertEqual(len(self._pages(whole)), 2)
        self.assertIn("仁和诊所", self._pages(kept[1].raw)[0])

    def test_file_is_reused(self):
        self.report.attachment_use = True
        first = self._pdf(self.customer)
        self.customer.name = "康泰大药房连锁"
        self.assertEqual(self._pdf(self.customer), first)
        # A record without file is made beside the one that has it.
        pages = self._pages(self._pdf(self.customer + self.other_customer))
        self.assertNotIn("连锁", pages[0])
        self.assertIn("仁和诊所", pages[1])
        self.assertEqual(self._kept().mapped("name"), ["K-001.pdf", "K-002.pdf"])

    def test_file_is_not_reused_unless_wanted(self):
        self._pdf(self.customer)
        self.customer.name = "康泰大药房连锁"
        self.assertIn("连锁", self._pages(self._pdf(self.customer))[0])
        self.assertEqual(len(self._kept()), 1)

    def test_records_named_twice(self):
        content, _kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(self.report.report_name, [self.customer.id, self.other_customer.id, self.customer.id])
        )
        self.assertEqual(
            [name for page in self._pages(content) for name in ("康泰大药房", "仁和诊所") if name in page],
            ["康泰大药房", "仁和诊所", "康泰大药房"],
        )
        self.assertFalse(self._kept())
