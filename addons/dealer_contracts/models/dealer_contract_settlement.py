import io
from datetime import timedelta

import xlsxwriter

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

NUMBERS = "#,##0.00"


class DealerContractSettlement(models.Model):
    """A rebate that was paid, with the calculation, by a credit note (D7).

    It is kept as it was made. It counts as paid from its making on, and no longer if its credit note is cancelled.
    """

    _name = "dealer.contract.settlement"
    _description = "Settlement of a Rebate"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "name"

    name = fields.Char("Description", required=True, readonly=True)
    rebate_id = fields.Many2one("dealer.contract.rebate", required=True, readonly=True, index=True, ondelete="restrict")
    contract_id = fields.Many2one(related="rebate_id.contract_id", store=True, index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date("Settled on", required=True, readonly=True)
    date_to = fields.Date("Earned Before", required=True, readonly=True, help="Documents from this day on don't count.")
    user_id = fields.Many2one("res.users", string="Settled by", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True, help="Without taxes, in company currency.")
    line_ids = fields.One2many("dealer.contract.settlement.line", "settlement_id", string="Calculation", readonly=True)
    figures = fields.Json(readonly=True, help="Bands, factors and documents that it was calculated with.")
    move_id = fields.Many2one("account.move", string="Credit Note", readonly=True, index=True, ondelete="restrict")
    move_state = fields.Selection(related="move_id.state", string="Credit Note State")
    state = fields.Selection(
        [("draft", "Credit Note in Draft"), ("posted", "Posted"), ("void", "Void")],
        compute="_compute_state",
        store=True,
        help="Void: the credit note was cancelled, and what it paid can be settled again.",
    )

    # === COMPUTE METHODS === #

    @api.depends("move_id.state")
    def _compute_state(self):
        for settlement in self:
            settlement.state = "void" if settlement.move_id.state == "cancel" else settlement.move_id.state or "draft"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Settlements are made by settling a rebate."))
        return super().create(vals_list)

    def write(self, vals):
        own = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if own and not (self.env.su and own <= {"move_id"} and not any(settlement.move_id for settlement in self)):
            raise UserError(
                self.env._("A settlement is kept as it was made. Cancel its credit note, then settle anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A settlement is kept as it was made. Cancel its credit note, then settle anew."))

    # === MAKING === #

    def _make(self, accruals, date_to=None):
        """Make settlements, with their credit notes and the calculations attached to them.

        :param dict accruals: {rebate: [:class:`~.dealer_contract_rebate.Accrual`]} of what is payable
        :param date_to: first day that doesn't count; by default tomorrow
        """
        values = []
        for rebate, rows in accruals.items():
            today = rebate.contract_id.company_id._customer_today()
            day = date_to or today + timedelta(days=1)
            documents = rebate._documents({rebate.id: [(row.date_from, row.date_to) for row in rows]}, day)
            paper = self.with_context(lang=rebate.partner_id.lang or self.env.lang).env
            values.append(
                {
                    "name": paper._(
                        "%(rebate)s until %(day)s",
                        rebate=rebate.name,
                        day=format_date(paper, day - timedelta(days=1)),
                    ),
                    "rebate_id": rebate.id,
                    "date": today,
                    "date_to": day,
                    "user_id": self.env.uid,
                    "amount": float(sum(row.payable for row in rows)),
                    "figures": {
                        "agreed": rebate._plain(),
                        "sentence": rebate._sentence(),
                        "documents": [
                            [fields.Date.to_string(start), move_id, f"{amount:.2f}", f"{quantity:.3f}"]
                            for _rebate, start, move_id, amount, quantity in documents
                        ],
                    },
                    "line_ids": [
                        Command.create(
                            {
                                "date_from": row.date_from,
                                "date_to": row.date_to,
                                "amount": float(row.amount),
                                "quantity": float(row.quantity),
                                "share": float(100 * row.share),
                                "earned": float(row.earned),
                                "settled": float(row.settled),
                                "payable": float(row.payable),
                            }
                        )
                        for row in rows
                    ],
                }
            )
        settlements = self.create(values)
        settlements._deduct_penalties()
        moves = self.env["account.move"].create(
            [settlement._for_dealer()._credit_note_values() for settlement in settlements]
        )
        for settlement, move in zip(settlements, moves, strict=True):
            settlement.move_id = move
            for penalty in settlement.deduction_ids:
                penalty.move_id = move
        self.env["ir.attachment"].create(
            [
                {
                    "name": f"{settlement.name}.xlsx".replace("/", "-"),
                    "res_model": "account.move",
                    "res_id": settlement.move_id.id,
                    "raw": settlement._sheet(),
                    "mimetype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                }
                for settlement in settlements
            ]
        )
        bodies = {move.id: self.env._("Settlement of a rebate, by %s.", self.env.user.name) for move in moves}
        moves._message_log_batch(bodies)
        return settlements

    def _for_dealer(self):
        """Return the settlement in the language of the dealer, who reads its papers, whoever settles."""
        self.ensure_one()
        return self.with_context(lang=self.partner_id.lang or self.env.lang)

    def _credit_note_values(self):
        """Return the values of the draft credit note that pays a settlement. Hook."""
        self.ensure_one()
        company = self.company_id
        product = company.rebate_product_id
        return {
            "move_type": "out_refund",
            "company_id": company.id,
            "partner_id": self.partner_id.id,
            "currency_id": company.currency_id.id,
            "invoice_payment_term_id": False,
            "invoice_origin": self.contract_id.name,
            "ref": self.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "name": self._label(),
                        "quantity": 1,
                        "price_unit": self.amount,
                    }
                )
            ],
        }

    def _label(self):
        lines = self.line_ids
        money = [
            formatLang(self.env, sum(lines.mapped(name)), currency_obj=self.currency_id)
            for name in ("amount", "earned", "settled")
        ]
        return self.env._(
            "%(name)s (contract %(contract)s): turnover %(turnover)s, earned %(earned)s, settled before %(settled)s",
            name=self.name,
            contract=self.contract_id.name or "",
            turnover=money[0],
            earned=money[1],
            settled=money[2],
        )

    def _sheet(self):
        """Return the calculation as a workbook: what was agreed, each period, each document."""
        self.ensure_one()
        settlement = self._for_dealer()
        env = settlement.env
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        # The same calculation gives the same file.
        book.set_properties({"created": fields.Datetime.to_datetime(self.date)})
        bold, number, wrap = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": NUMBERS}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        page = book.add_worksheet(env._("Calculation")[:31])
        page.set_column(0, 1, 14)
        page.set_column(2, 7, 16)
        for place, (label, value) in enumerate(
            (
                (env._("Customer"), settlement.partner_id.name),
                (env._("Contract"), settlement.contract_id.name or ""),
                (env._("Settlement"), settlement.name),
            )
        ):
            page.write_string(place, 0, label)
            page.write_string(place, 1, value or "")
        page.merge_range(3, 0, 3, 7, settlement.figures["sentence"], wrap)
        page.set_row(3, 75)
        page.write_row(
            5,
            0,
            [
                env._("From"),
                env._("Until"),
                env._("Turnover"),
                env._("Quantity"),
                env._("Paid in Time (%)"),
                env._("Earned"),
                env._("Settled Before"),
                env._("Payable"),
            ],
            bold,
        )
        for place, line in enumerate(settlement.line_ids, 6):
            page.write_string(place, 0, fields.Date.to_string(line.date_from))
            page.write_string(place, 1, fields.Date.to_string(line.date_to - timedelta(days=1)))
            page.write_row(
                place,
                2,
                [line.amount, line.quantity, line.share, line.earned, line.settled, line.payable],
                number,
            )
        page.write_string(6 + len(settlement.line_ids), 6, env._("Total"), bold)
        page.write_number(6 + len(settlement.line_ids), 7, settlement.amount, number)
        after = 7 + len(settlement.line_ids)
        for place, penalty in enumerate(settlement.deduction_ids.sorted("id"), after):
            page.write_string(place, 0, env._("Penalty: %s", penalty.breach_id.summary))
            page.write_number(place, 7, -penalty.amount, number)
        if settlement.deduction_ids:
            page.write_string(after + len(settlement.deduction_ids), 6, env._("Credited"), bold)
            page.write_number(after + len(settlement.deduction_ids), 7, settlement.credited, number)
        documents = settlement.figures["documents"]
        moves = {move.id: move for move in env["account.move"].browse([row[1] for row in documents])}
        page = book.add_worksheet(env._("Documents")[:31])
        page.set_column(0, 4, 18)
        page.write_row(
            0, 0, [env._("Period from"), env._("Document"), env._("Date"), env._("Amount"), env._("Quantity")], bold
        )
        for place, (start, move_id, amount, quantity) in enumerate(documents, 1):
            move = moves[move_id]
            page.write_string(place, 0, start)
            page.write_string(place, 1, move.name or "")
            page.write_string(place, 2, fields.Date.to_string(move.invoice_date))
            page.write_row(place, 3, [float(amount), float(quantity)], number)
        book.close()
        return target.getvalue()

    # === ACTION METHODS === #

    def _open(self):
        if len(self) == 1:
            return self.action_credit_note()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settlements"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }

    def action_credit_note(self):
        """Open the credit note where the user may read it, otherwise the settlement."""
        self.ensure_one()
        model, record = self._name, self
        if self.env["account.move"].has_access("read") and self.sudo().move_id.with_env(self.env).has_access("read"):
            model, record = "account.move", self.sudo().move_id
        return {"type": "ir.actions.act_window", "res_model": model, "res_id": record.id, "view_mode": "form"}


class DealerContractSettlementLine(models.Model):
    _name = "dealer.contract.settlement.line"
    _description = "Period of a Settlement"
    _order = "settlement_id, date_from"

    settlement_id = fields.Many2one("dealer.contract.settlement", required=True, index=True, ondelete="cascade")
    contract_id = fields.Many2one(related="settlement_id.contract_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Before", required=True)
    amount = fields.Monetary("Turnover")
    quantity = fields.Float(digits="Product Unit")
    share = fields.Float("Paid in Time", digits=(5, 2), help="Per cent that payment in time leaves of the rebate.")
    earned = fields.Monetary()
    settled = fields.Monetary("Settled Before")
    payable = fields.Monetary()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Settlements are made by settling a rebate."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A settlement is kept as it was made. Cancel its credit note, then settle anew."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A settlement is kept as it was made. Cancel its credit note, then settle anew."))
