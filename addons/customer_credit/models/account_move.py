from odoo import models
from odoo.tools import formatLang


class AccountMove(models.Model):
    _inherit = "account.move"

    _credit_draft_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE state = 'draft' AND move_type IN ('out_invoice', 'out_receipt')"
    )

    def _compute_partner_credit_warning(self):
        """Say in a draft invoice what the credit account says, where the credit control is on (C6)."""
        settings = {company: self.env["res.company"]._credit_settings(company.id) for company in self.company_id}
        ours = self.filtered(lambda move: settings.get(move.company_id) and settings[move.company_id].mode != "off")
        super(AccountMove, self - ours)._compute_partner_credit_warning()
        ours.partner_credit_warning = ""
        drafts = ours.filtered(
            lambda move: move.state == "draft" and move.move_type == "out_invoice" and move.commercial_partner_id
        )
        for company, moves in drafts.grouped("company_id").items():
            exposures = moves.commercial_partner_id.sudo()._credit_exposure(company)
            currency = self.env["res.currency"].browse(settings[company].currency_id)
            for move in moves:
                figures = exposures.get(move.commercial_partner_id.id)
                if figures and figures.limited and figures.remaining < 0:
                    move.partner_credit_warning = self.env._(
                        "%(customer)s is over the credit limit: used %(used)s of %(limit)s, %(overdue)s overdue.",
                        customer=move.commercial_partner_id.name,
                        used=formatLang(self.env, figures.exposure, currency_obj=currency),
                        limit=formatLang(self.env, figures.limit, currency_obj=currency),
                        overdue=formatLang(self.env, figures.overdue, currency_obj=currency),
                    )

    def _post(self, soft=True):
        posted = super()._post(soft)
        if any(move.move_type in ("entry", "out_refund") for move in posted):
            self.env["sale.order.hold"].sudo()._credit_trigger_release()
        return posted
