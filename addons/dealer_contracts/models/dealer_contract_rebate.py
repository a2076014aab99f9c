from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, clean_context, float_repr, formatLang

from . import rebate_bands, rebate_words
from .dealer_contract_measure import Turnover
from .rebate_bands import Band

SETTLERS = ("dealer_contracts.group_contract_finance", "dealer_contracts.group_contract_manager")
# In the context while the bands of a rebate change together; no client can send it.
_TOGETHER = object()


class Accrual(NamedTuple):
    """What a rebate earned in one period, in company currency.

    :param share: what payment in time leaves of it, 0 to 1
    :param earned: rounded to the currency
    :param settled: what settlements have paid of it
    """

    date_from: object
    date_to: object
    amount: Decimal
    quantity: Decimal
    share: Fraction
    earned: Decimal
    settled: Decimal

    @property
    def payable(self):
        return self.earned - self.settled


class DealerContractRebate(models.Model):
    """A rebate or award that a contract grants (D7).

    What it earned until any day is calculated from the invoices; nothing is booked until it is settled.
    """

    _name = "dealer.contract.rebate"
    _description = "Rebate of a Contract"
    _inherit = ["dealer.contract.measure"]
    _rec_name = "name"

    pay = fields.Selection(
        [("percent", "Per Cent of the Amount"), ("unit", "Money per Unit"), ("fixed", "Award")],
        string="Paid as",
        required=True,
        default="percent",
        help="Award: a sum for having reached the band.",
    )
    mode = fields.Selection(
        [("marginal", "Each Slice at Its Own Rate"), ("whole", "All at the Rate Reached")],
        string="Calculation",
        required=True,
        default="marginal",
    )
    step_ids = fields.One2many("dealer.contract.rebate.step", "rebate_id", string="Steps", copy=True)
    band_ids = fields.One2many(
        "dealer.contract.rebate.step", "rebate_id", string="Bands", domain=[("kind", "=", "band")], copy=False
    )
    factor_ids = fields.One2many(
        "dealer.contract.rebate.step",
        "rebate_id",
        string="Payment in Time",
        domain=[("kind", "=", "factor")],
        copy=False,
        help="Per cent of the rebate by the days from the invoice to its payment; unpaid invoices earn nothing. Empty:"
        " payment makes no difference.",
    )
    origin_id = fields.Many2one(
        "dealer.contract.rebate",
        string="Continues",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    root_id = fields.Many2one(
        "dealer.contract.rebate", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    successor_ids = fields.One2many("dealer.contract.rebate", "origin_id", readonly=True)
    settlement_ids = fields.One2many("dealer.contract.settlement", "rebate_id", string="Settlements", readonly=True)
    turnover = fields.Monetary(
        compute="_compute_accrued",
        currency_field="company_currency_id",
        help="Invoiced in the periods that have begun, without taxes, returns deducted.",
    )
    turnover_quantity = fields.Float("Quantity", digits="Product Unit", compute="_compute_accrued")
    accrued = fields.Monetary("Earned", compute="_compute_accrued", currency_field="company_currency_id")
    settled = fields.Monetary(compute="_compute_accrued", currency_field="company_currency_id")
    payable = fields.Monetary(
        compute="_compute_accrued",
        currency_field="company_currency_id",
        help="Earned less settled. Negative if goods came back after the settlement: it is made up for later.",
    )
    sentence = fields.Text("As Printed", compute="_compute_sentence")

    # === COMPUTE METHODS === #

    @api.depends("contract_id.state", "settlement_ids.amount")
    @api.depends_context("rebate_date_to")
    def _compute_accrued(self):
        """As of the eve of ``rebate_date_to`` in the context, or of now."""
        kept = self._origin
        accruals = kept.sudo()._accruals(fields.Date.to_date(self.env.context.get("rebate_date_to")))
        for rebate in self:
            found = accruals.get(rebate._origin.id, [])
            rebate.turnover = sum(accrual.amount for accrual in found)
            rebate.turnover_quantity = sum(accrual.quantity for accrual in found)
            rebate.accrued = sum(accrual.earned for accrual in found)
            rebate.settled = sum(accrual.settled for accrual in found)
            rebate.payable = sum(accrual.payable for accrual in found)

    @api.depends(
        "name", "basis", "mode", "pay", "period", "product_ids", "category_ids", "step_ids.lower", "step_ids.rate"
    )
    def _compute_sentence(self):
        for rebate in self:
            rebate.sentence = rebate._sentence()

    # === CONSTRAINTS === #

    @api.constrains("pay", "basis")
    def _check_pay(self):
        for rebate in self:
            if rebate.pay == "unit" and rebate.basis != "quantity":
                raise ValidationError(self.env._("%s: money per unit goes by the quantity.", rebate.name))

    def _check_tables(self):
        for rebate in self:
            if rebate.step_ids and (sentence := rebate._table_problem()):
                raise ValidationError(sentence)

    def _check_tables_alone(self):
        """Check the tables now, unless their bands are just changing together."""
        if self.env.context.get("rebate_tables") is not _TOGETHER:
            self._check_tables()

    def _table_problem(self):
        """Return what is wrong with the bands or the factors as a sentence; None if nothing is."""
        self.ensure_one()
        titles = {"band": self.env._("bands"), "factor": self.env._("payment in time")}
        for kind, title in titles.items():
            table = self._bands(kind)
            if kind == "factor" and not table:
                continue
            found = rebate_bands.problem(table)
            if found:
                code, place = found
                place = "" if place is None else f"{place.normalize():,f}"
                sentence = {
                    "empty": self.env._("there are none"),
                    "start": self.env._("they begin at %s and not at 0", place),
                    "order": self.env._("the band from %s ends before it begins", place),
                    "gap": self.env._("from %s on there is a gap: no rate is agreed", place),
                    "overlap": self.env._("from %s on two bands overlap", place),
                    "end": self.env._("from %s on no rate is agreed: the last band has no end (0)", place),
                    "negative": self.env._("the rate from %s on is negative", place),
                }[code]
                return self.env._(
                    "%(rebate)s, %(table)s: %(problem)s.", rebate=self.name, table=title, problem=sentence
                )
        return None

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.keys() & {"origin_id", "root_id"} for vals in vals_list):
            raise AccessError(self.env._("Which rebate another continues follows from the amendment of its contract."))
        blank = self.with_context(clean_context(self.env.context), rebate_tables=_TOGETHER)
        rebates = super(DealerContractRebate, blank).create(vals_list)
        rebates._check_tables()
        return rebates.with_env(self.env)

    def write(self, vals):
        if not self.env.su and vals.keys() & {"origin_id", "root_id"}:
            raise AccessError(self.env._("Which rebate another continues follows from the amendment of its contract."))
        result = super(DealerContractRebate, self.with_context(rebate_tables=_TOGETHER)).write(vals)
        self._check_tables()
        return result

    def _content_fields(self):
        return (*super()._content_fields(), "pay", "mode")

    def _late_fields(self):
        # The server's, when a contract is amended.
        return super()._late_fields() | ({"origin_id", "root_id"} if self.env.su else set())

    def _plain(self):
        """Return what is agreed as plain data, for the digest of the contract."""
        return {
            **self.env["dealer.contract"]._plain_values(self, self._content_fields()),
            **{kind: [[*map(str, band)] for band in self._bands(kind)] for kind in ("band", "factor")},
        }

    def _bands(self, kind):
        """Return the bands (or the factors) in order, as the arithmetic wants them."""
        steps = self.step_ids.filtered(lambda step: step.kind == kind)
        return sorted(step._band() for step in steps)

    def _sentence(self):
        """Return the rebate in words, in the language of its contract: part of the paper."""
        self.ensure_one()
        return rebate_words.rebate(self, self.contract_id.lang or "en_US")

    # === ACCRUAL === #

    def _span(self):
        """An amendment in force that goes on with the rebate counts from its first day on."""
        followed = self.successor_ids.contract_id.filtered(lambda contract: contract._has_begun())
        return None if followed else super()._span()

    def _accruals(self, date_to=None, all_settlements=False):
        """Return what rebates earned until the eve of a day, by period: a fixed number of queries.

        :param date date_to: first day that no longer counts; by default tomorrow, on the clock of each company
        :param bool all_settlements: deduct later settlements too
        :return: {rebate id: [:class:`Accrual`]}; without periods an empty list
        """
        found = {}
        for company, rebates in self.grouped(lambda rebate: rebate.contract_id.company_id).items():
            day = date_to or (company._customer_today() + timedelta(days=1) if company else None)
            if day:
                found.update(rebates._accruals_of_company(company, day, None if all_settlements else day))
        return found

    def _accruals_of_company(self, company, date_to, settled_to):
        digits = company.currency_id.decimal_places
        spans = {rebate.id: rebate._spans(date_to) for rebate in self}
        turnovers = self._turnover(spans, date_to)
        timed = self.filtered(lambda rebate: any(step.kind == "factor" for step in rebate.step_ids))
        parts = timed._payment_parts({rebate.id: spans[rebate.id] for rebate in timed}, date_to)
        settlements = self._settled(settled_to)
        found = {}
        for rebate in self:
            bands, factors = rebate._bands("band"), rebate._bands("factor")
            paid = list(settlements.get((rebate.root_id or rebate).id, []))
            rows = found[rebate.id] = []
            for start, end in spans[rebate.id] if bands else []:
                key = (rebate.id, start)
                turnover = turnovers.get(key, Turnover())
                share = rebate_bands.payment_share(factors, parts.get(key, [])) if factors else Fraction(1)
                earned = rebate_bands.earned(
                    bands,
                    turnover.amount,
                    turnover.quantity if rebate.basis == "quantity" else None,
                    mode=rebate.mode,
                    pay=rebate.pay,
                )
                rows.append(
                    Accrual(
                        start,
                        end,
                        turnover.amount,
                        turnover.quantity,
                        share,
                        rebate_bands.rounded(earned * share, digits),
                        sum((amount for day, amount in paid if start <= day < end), Decimal(0)),
                    )
                )
            # Nothing that was paid may be forgotten, whatever an amendment did to the periods.
            lost = sum(
                (amount for day, amount in paid if not any(row.date_from <= day < row.date_to for row in rows)),
                Decimal(0),
            )
            if lost and rows:
                rows[-1] = rows[-1]._replace(settled=rows[-1].settled + lost)
        return found

    def _settled(self, date_to=None):
        """Return {id of the first rebate of a chain: [(first day of a period, amount)]} of settlements: one query.

        :param date_to: first day whose settlements no longer count
        """
        self.env["dealer.contract.settlement"].flush_model()
        self.env["dealer.contract.settlement.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        roots = [(rebate.root_id or rebate).id for rebate in self]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(rebate.root_id, rebate.id), line.date_from, SUM(line.payable)
                  FROM dealer_contract_settlement_line line
                  JOIN dealer_contract_settlement settlement ON settlement.id = line.settlement_id
                  JOIN account_move move ON move.id = settlement.move_id
                  JOIN dealer_contract_rebate rebate ON rebate.id = settlement.rebate_id
                 WHERE COALESCE(rebate.root_id, rebate.id) = ANY(%s)
                   AND move.state <> 'cancel'
                   AND (%s::date IS NULL OR settlement.date < %s)
              GROUP BY 1, 2
                """,
                roots,
                date_to,
                date_to,
            )
        )
        settled = {}
        for root_id, day, amount in rows:
            settled.setdefault(root_id, []).append((day, Decimal(amount)))
        return settled

    # === SETTLEMENT === #

    def _check_settler(self):
        if not any(self.env.user.has_group(group) for group in SETTLERS):
            raise AccessError(
                self.env._("Rebates are settled by those who approve contracts for finance, or by managers.")
            )
        self.check_access("read")

    def _lock_for_settlement(self):
        """Of two who settle at once the second begins anew, and finds what the first has settled."""
        self.env.flush_all()
        roots = sorted({(rebate.root_id or rebate).id for rebate in self})
        # In one order, so that two don't wait for each other.
        self.env.cr.execute("SELECT id FROM dealer_contract_rebate WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [roots])
        self.env.cr.execute("UPDATE dealer_contract_rebate SET write_date = write_date WHERE id = ANY(%s)", [roots])
        self.env.invalidate_all()

    def _settle(self, date_to=None):
        """Pay what rebates have earned until the eve of a day and that wasn't paid yet, by draft credit notes.

        :param date date_to: first day that no longer counts; by default tomorrow
        :return: the settlements
        :raise UserError: if nothing is payable
        """
        self._check_settler()
        rebates = self.sudo()
        rebates._lock_for_settlement()
        if date_to and any(
            date_to > rebate.contract_id.company_id._customer_today() + timedelta(days=1) for rebate in rebates
        ):
            raise UserError(self.env._("What isn't earned yet can't be settled: choose today or a day before."))
        accruals = rebates._accruals(date_to, all_settlements=True)
        due = {rebate: sum(row.payable for row in accruals[rebate.id]) for rebate in rebates if accruals.get(rebate.id)}
        paid = {rebate: amount for rebate, amount in due.items() if amount > 0}
        if not paid:
            raise UserError(
                self.env._("There is nothing to settle:")
                + "\n"
                + "\n".join(rebate._nothing_due(accruals.get(rebate.id, [])) for rebate in rebates)
            )
        return (
            self.env["dealer.contract.settlement"]
            .sudo()
            ._make({rebate: accruals[rebate.id] for rebate in paid}, date_to)
            .with_env(self.env)
        )

    def _nothing_due(self, accruals):
        def amount(name):
            total = sum(getattr(row, name) for row in accruals)
            return formatLang(self.env, float(total), currency_obj=self.company_currency_id)

        if self.successor_ids.contract_id.filtered(lambda contract: contract._has_begun()):
            return self.env._("%s goes on in an amendment: settle it there.", self.name)
        return self.env._(
            "%(rebate)s: earned %(earned)s, settled %(settled)s.",
            rebate=self.name,
            earned=amount("earned"),
            settled=amount("settled"),
        )

    def action_settle(self):
        """Settle until today, and open the credit notes or the settlements."""
        return self._settle()._open()

    def action_documents(self):
        """Open the invoices and credit notes that a rebate goes by."""
        self.ensure_one()
        self.check_access("read")
        rebate = self.sudo()
        date_to = rebate.contract_id.company_id._customer_today() + timedelta(days=1)
        rows = rebate._documents({rebate.id: rebate._spans(date_to)}, date_to)
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", [row[2] for row in rows])], "context": {"create": False}}

    def action_settlements(self):
        """Open what was settled of the rebate, and of those that it continues or that continue it."""
        self.ensure_one()
        root = self.root_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("dealer_contracts.dealer_contract_settlement_action")
        return {**action, "domain": ["|", ("rebate_id", "=", root.id), ("rebate_id.root_id", "=", root.id)]}


class DealerContractRebateStep(models.Model):
    """A band of a rebate, or a factor for payment in time."""

    _name = "dealer.contract.rebate.step"
    _description = "Step of a Rebate"
    _inherit = ["dealer.contract.content"]
    _order = "rebate_id, kind, lower, id"

    rebate_id = fields.Many2one("dealer.contract.rebate", required=True, index=True, ondelete="cascade")
    contract_id = fields.Many2one(related="rebate_id.contract_id", store=True, required=False)
    kind = fields.Selection([("band", "Band"), ("factor", "Payment in Time")], required=True, default="band")
    lower = fields.Float("From", digits=(16, 3), help="Belongs to the band.")
    upper = fields.Float("Below", digits=(16, 3), help="Belongs to the next band. 0: no end.")
    rate = fields.Float(
        digits=(16, 4),
        help="Per cent, money per unit, or the award. For payment in time: per cent of the rebate.",
    )

    def _band(self):
        def exact(value, digits):
            return Decimal(float_repr(value, digits))

        return Band(exact(self.lower, 3), exact(self.upper, 3) if self.upper else None, exact(self.rate, 4))

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.rebate_id._check_tables_alone()
        return steps

    def write(self, vals):
        rebates = self.rebate_id
        result = super().write(vals)
        (rebates | self.rebate_id)._check_tables_alone()
        return result

    def unlink(self):
        rebates = self.rebate_id
        result = super().unlink()
        rebates.exists()._check_tables_alone()
        return result
