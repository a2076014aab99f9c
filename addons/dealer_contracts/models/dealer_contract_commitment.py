from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import float_repr

from . import rebate_words
from .rebate_bands import rounded


class Progress(NamedTuple):
    """How far a commitment has come in its present (or last) period.

    :param done: in money or units
    :param asked: what the share of the working days that have passed asks for
    """

    date_from: object
    date_to: object
    done: Decimal
    target: Decimal
    asked: Decimal


class DealerContractCommitment(models.Model):
    """What a dealer commits itself to buy in each period, and how far it has come (D7)."""

    _name = "dealer.contract.commitment"
    _description = "Purchase Commitment"
    _inherit = ["dealer.contract.measure"]
    _rec_name = "name"

    target = fields.Float(digits=(16, 3), required=True, help="In company currency without taxes, or in units.")
    done = fields.Float("Bought", digits=(16, 2), compute="_compute_progress", help="In the present period.")
    attainment = fields.Float(digits=(16, 1), compute="_compute_progress", help="Per cent of the target.")
    pace = fields.Float(
        digits=(16, 1),
        compute="_compute_progress",
        help="Per cent of what the working days that have passed ask for: below 100 the dealer is behind.",
    )
    period_from = fields.Date("Period from", compute="_compute_progress")
    period_end = fields.Date("Period Until", compute="_compute_progress")
    progress_state = fields.Selection(
        [("none", "Not Begun"), ("behind", "Behind"), ("on_pace", "On Pace"), ("reached", "Reached")],
        string="Progress",
        compute="_compute_progress",
    )
    sentence = fields.Text("As Printed", compute="_compute_sentence")

    _target_check = models.Constraint("CHECK (target > 0)", "A commitment has a target above zero.")

    @api.depends("contract_id.state", "target")
    @api.depends_context("rebate_date_to")
    def _compute_progress(self):
        kept = self._origin
        progress = kept.sudo()._progress(fields.Date.to_date(self.env.context.get("rebate_date_to")))
        for commitment in self:
            found = progress.get(commitment._origin.id)
            commitment.done = found.done if found else 0.0
            commitment.attainment = 100 * found.done / found.target if found else 0.0
            commitment.pace = 100 * found.done / found.asked if found and found.asked else 0.0
            commitment.period_from = found.date_from if found else False
            commitment.period_end = found.date_to - timedelta(days=1) if found else False
            if not found:
                commitment.progress_state = "none"
            elif found.done >= found.target:
                commitment.progress_state = "reached"
            else:
                commitment.progress_state = "on_pace" if found.done >= found.asked else "behind"

    @api.depends("name", "basis", "period", "target", "product_ids", "category_ids")
    def _compute_sentence(self):
        for commitment in self:
            commitment.sentence = commitment._sentence()

    def _content_fields(self):
        return (*super()._content_fields(), "target")

    def _plain(self):
        return self.env["dealer.contract"]._plain_values(self, self._content_fields())

    def _table_problem(self):
        return None

    def _sentence(self):
        """Return the commitment in words, in the language of its contract: part of the paper."""
        self.ensure_one()
        return rebate_words.commitment(self, self._target(), self.contract_id.lang or "en_US")

    def _target(self):
        return Decimal(float_repr(self.target, 3))

    def _progress(self, date_to=None):
        """Return how far commitments had come on the eve of a day, in the period that it lies in: one query.

        :param date date_to: first day that no longer counts; by default tomorrow, on the clock of each company
        :return: {id: :class:`Progress`}; a commitment that hasn't begun is missing
        """
        found = {}
        for company, commitments in self.grouped(lambda row: row.contract_id.company_id).items():
            day = date_to or (company._customer_today() + timedelta(days=1) if company else None)
            spans = {row.id: row._spans(day)[-1:] for row in commitments} if day else {}
            spans = {row_id: found for row_id, found in spans.items() if found}
            if not spans:
                continue
            turnovers = commitments._turnover(spans, day)
            starts, ends = zip(*(span for [span] in spans.values()), strict=True)
            working = company._customer_working_days(min(starts), max(ends))
            for row in commitments:
                if row.id not in spans:
                    continue
                [(start, end)] = spans[row.id]
                turnover = turnovers.get((row.id, start))
                done = (turnover.quantity if row.basis == "quantity" else turnover.amount) if turnover else Decimal(0)
                target = row._target()
                share = Decimal(working.share(start, min(day, end), end))
                found[row.id] = Progress(start, end, done, target, rounded(target * share))
        return found

    def action_documents(self):
        """Open the invoices and credit notes of the present period."""
        self.ensure_one()
        self.check_access("read")
        row = self.sudo()
        date_to = row.contract_id.company_id._customer_today() + timedelta(days=1)
        moves = row._documents({row.id: row._spans(date_to)[-1:]}, date_to)
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", [found[2] for found in moves])], "context": {"create": False}}
