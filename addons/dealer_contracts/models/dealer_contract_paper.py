import hashlib
import io

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.image import base64_to_image
from odoo.tools.pdf import PdfReader

from . import paper_docx
from .dealer_contract import ISSUED_STATES
from .paper_words import WORDS

REPORT = "dealer_contracts.action_report_contract"
SHEET = "dealer_contracts.action_report_signature"


class DealerContract(models.Model):
    """Paper: PDF, dispatch, signature, filing, verification (D2, D3)."""

    _inherit = "dealer.contract"

    # === PDF === #

    def _watermark(self):
        """Return the text across the pages.

        None from the dispatch to the end: there the paper printed again is the paper that was kept, byte for byte.
        """
        self.ensure_one()
        mark = {
            "draft": "mark_draft",
            "review": "mark_review",
            "approved": "mark_approved",
            "cancelled": "mark_cancelled",
            "expired": "mark_expired",
            "terminated": "mark_terminated",
        }.get(self.state)
        return WORDS[self.lang or "en_US"][mark] if mark else ""

    def _render(self, report):
        """Return the PDF file of a report on this contract, made with the rights of the system."""
        self.ensure_one()
        reports = self.env["ir.actions.report"].sudo().with_context(force_report_rendering=True, lang="en_US")
        content, _kind = reports._render_qweb_pdf(report, self.ids)
        return content

    def _file_name(self, suffix=""):
        name = (self.name or self.env._("Draft")).replace("/", "-")
        return f"{name} {self.partner_id.name}{suffix}.pdf"

    def action_print(self):
        """Show the paper: the kept file once there is one, otherwise a copy marked with its state."""
        self.ensure_one()
        self.check_access("read")
        if self.state in ISSUED_STATES and self.issued_sha256:
            return self._file("issued").action_download()
        return {"type": "ir.actions.act_url", "url": f"/dealer_contracts/paper/{self.id}", "target": "download"}

    def action_docx(self):
        """Download the draft as a Word file, for negotiation."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/dealer_contracts/draft/{self.id}", "target": "download"}

    def _docx(self):
        """Return the contract as a Word file."""
        self.ensure_one()
        self.check_access("read")
        return paper_docx.document(self._paper(), self._watermark())

    def _file(self, kind):
        """Return the file of a kind that holds now."""
        self.ensure_one()
        files = self.sudo().file_ids.filtered(lambda file: file.kind == kind and file.current)
        return files.sorted("id")[-1:].sudo(self.env.su)

    # === DISPATCH === #

    def action_send(self):
        """Keep the paper byte for byte and send the dealer the link to read, comment on and sign it.

        :raise UserError: if what was approved isn't what the contract says
        """
        self._check_owner()
        for contract in self:
            contract._expect("approved")
            contract_sudo = contract.sudo()
            if contract_sudo._content_digest() != contract_sudo.digest:
                raise UserError(
                    self.env._(
                        "What %s says isn't what was approved. Take it back to draft and submit it anew.",
                        contract.display_name,
                    )
                )
            contract_sudo.write({"state": "sent", "sent_on": fields.Datetime.now()})
            content = contract_sudo._render(REPORT)
            file = self.env["dealer.contract.file"]._keep(contract, "issued", contract._file_name(), content)
            contract_sudo.issued_sha256 = file.sha256
            contract_sudo._portal_ensure_token()
            contract_sudo._log_note(
                self.env._("Sent. SHA-256 of the paper: %(hash)s (%(size)s bytes)", hash=file.sha256, size=file.size)
            )
            contract._tell_dealer()
        return True

    def _tell_dealer(self):
        """Send the dealer's signing representative the link, in his language."""
        signatory = self.partner_id.contract_signatory_id or self.partner_id
        recipient = signatory if signatory.email else self.partner_id
        if not recipient.email:
            return
        letter = self.with_context(lang=recipient.lang or self.env.lang)
        letter.message_post(
            body=letter.env._(
                "Contract %s is ready for your signature. Please read it with the button and sign it there.", self.name
            ),
            subject=letter.env._("Contract %s for signature", self.name),
            partner_ids=recipient.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
        )

    # === SIGNATURE === #

    def _sign(self, name, signature, sha256, address, user=None):
        """Take the dealer's signature on the paper that he saw.

        :param str name: who signs
        :param signature: picture, base64
        :param str sha256: of the bytes that were shown
        :param str address: network address of the signer
        :param user: the portal user; None where the link was enough
        :raise UserError: if the contract isn't to be signed, or the bytes aren't those
        """
        self.ensure_one()
        contract = self.sudo()
        contract._lock()
        contract._expect("sent")
        if not (name or "").strip() or not signature:
            raise UserError(self.env._("A signature needs a name and a picture."))
        # Raises where it is no picture.
        base64_to_image(signature)
        file = contract._file("issued")
        content = file._checked_content()
        if sha256 != contract.issued_sha256 or hashlib.sha256(content).hexdigest() != sha256:
            raise UserError(
                self.env._("The contract isn't the one that was shown to you. Load the page again and read it anew.")
            )
        contract.write(
            {
                "state": "signed",
                "signed_way": "portal",
                "signed_by": name.strip(),
                "signed_on": fields.Datetime.now(),
                "signing_date": contract.company_id._customer_today(),
                "signed_from": address,
                "signed_user_id": user.id if user else False,
                "signature": signature,
            }
        )
        contract.flush_recordset()
        sheet = contract._render(SHEET)
        self.env["dealer.contract.file"]._keep(
            contract, "signature", contract._file_name(" - " + WORDS[contract.lang]["sheet"]), sheet
        )
        contract._log_note(
            self.env._(
                "Signed on the portal by %(name)s from %(address)s. SHA-256 of the signed paper: %(hash)s",
                name=name.strip(),
                address=address,
                hash=sha256,
            )
        )
        contract._tell_owner(self.env._("Contract signed: %s", contract.display_name))

    def action_scan(self):
        """Open the form that takes the scan of the paper signed by hand."""
        self.ensure_one()
        self._expect("sent")
        return self._wizard("dealer.contract.scan", self.env._("Signed on Paper"))

    def _take_scan(self, name, content, signed_by, signed_on):
        """Keep the scan of the paper that both parties signed by hand."""
        self.ensure_one()
        contract = self.sudo()
        contract._lock()
        contract._expect("sent")
        contract._file("issued")._checked_content()
        mimetype = (
            "application/pdf" if content.startswith(b"%PDF") else "image/jpeg" if content[:2] == b"\xff\xd8" else None
        )
        if not mimetype:
            raise UserError(self.env._("The scan has to be a PDF or JPEG file."))
        if mimetype == "application/pdf":
            try:
                pages = len(PdfReader(io.BytesIO(content), strict=False).pages)
            except Exception as error:
                raise UserError(self.env._("The PDF file can't be read: %s", error)) from error
            if not pages:
                raise UserError(self.env._("The PDF file has no pages."))
        file = self.env["dealer.contract.file"]._keep(contract, "scan", name, content, mimetype)
        contract.write(
            {
                "state": "signed",
                "signed_way": "paper",
                "signed_by": signed_by,
                "signed_on": fields.Datetime.now(),
                "signing_date": signed_on,
            }
        )
        contract._log_note(
            self.env._("Signed on paper by %(name)s. SHA-256 of the scan: %(hash)s", name=signed_by, hash=file.sha256)
        )

    # === FILING === #

    def action_file(self):
        """Put signed contracts on file: custodian and place are known, all kept files intact.

        Those whose time has come are in force from here on.
        """
        self._check_custodian()
        for contract in self:
            contract._expect("signed")
            missing = [
                contract._fields[name]._description_string(self.env)
                for name in ("custodian_id", "paper_place")
                if not contract[name]
            ]
            if contract.signed_way == "paper" and contract.copies_kept < 1:
                missing.append(contract._fields["copies_kept"]._description_string(self.env))
            if missing:
                raise UserError(
                    self.env._(
                        "Before %(contract)s is filed, say: %(missing)s.",
                        contract=contract.display_name,
                        missing=", ".join(missing),
                    )
                )
            for file in contract.sudo().file_ids.filtered("current"):
                file._checked_content()
        contracts = self.sudo()
        contracts.write({"state": "filed", "filed_on": fields.Datetime.now()})
        contracts._log_note(self.env._("Filed."))
        contracts._begin()
        return True

    # === VERIFICATION === #

    def action_verify(self):
        """Compare all kept files with their hashes."""
        self.ensure_one()
        self.check_access("read")
        return self._verified(self.sudo().file_ids)

    def _verified(self, files):
        """Return the message about files that were verified; the log says who did it."""
        self.check_access("read")
        if not files:
            raise UserError(self.env._("There is no kept file yet."))
        sentences, good = [], True
        for file in files.sudo():
            intact = file._intact()
            good &= intact
            sentences.append(
                self.env._("%(file)s: intact, SHA-256 %(hash)s", file=file.name, hash=file.sha256)
                if intact
                else self.env._(
                    "%(file)s: CHANGED since it was kept, SHA-256 was %(hash)s", file=file.name, hash=file.sha256
                )
            )
        self._note_reading("verify", self.env._("intact") if good else self.env._("changed"))
        if not good:
            self.sudo()._log_note("\n".join(sentences))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if good else "danger",
                "title": self.env._("The files are intact") if good else self.env._("A file was changed"),
                "message": "\n".join(sentences),
                "sticky": True,
            },
        }

    def _is_paper(self, content):
        """Tell whether bytes are one of the intact kept files of this contract."""
        digest = hashlib.sha256(content).hexdigest()
        return any(file.sha256 == digest and file._intact() for file in self.sudo().file_ids.filtered("current"))

    # === PORTAL === #

    def _portal_ensure_token(self):
        """The key of the link is the dealer's: of our people the owner alone hands it on."""
        if not self.env.su:
            self._check_owner()
        return super(DealerContract, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        return super(DealerContract, self.sudo())._sign_token(pid)

    def _get_thread_with_access(self, thread_id, *, token=None, **kwargs):
        """Let links into the discussion of contracts that are with the dealer alone."""
        if not self.sudo().browse(thread_id).exists().access_token:
            token = None
        thread = super()._get_thread_with_access(thread_id, token=token, **kwargs)
        if thread and thread.sudo().state not in ISSUED_STATES:
            try:
                self.browse(thread_id).sudo(False).check_access("read")
            except AccessError:
                return self.browse()
        return thread
