from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .customer_tier_run_line import MOVES


class CustomerTierHistory(models.Model):
    """One change of a customer's class: when, from what to what, by whom, and from which figures (T7).

    Nobody changes or deletes it, whatever rights he has.
    """

    _name = "customer.tier.history"
    _description = "Class History"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    scheme_id = fields.Many2one("customer.tier.scheme", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="Day on which the class took effect.")
    month = fields.Date("Month of the Figures", readonly=True)
    from_tier_id = fields.Many2one("customer.tier", string="From", readonly=True, ondelete="restrict")
    to_tier_id = fields.Many2one("customer.tier", string="To", readonly=True, ondelete="restrict")
    color = fields.Integer(related="to_tier_id.color")
    move = fields.Selection(MOVES[:-1], required=True, readonly=True)
    origin = fields.Selection(
        [("run", "Run"), ("override", "Fixed by hand"), ("override_end", "End of what was fixed by hand")],
        required=True,
        readonly=True,
    )
    run_id = fields.Many2one("customer.tier.run", readonly=True, index="btree_not_null", ondelete="restrict")
    override_id = fields.Many2one("customer.tier.override", readonly=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True, ondelete="restrict")
    approved_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    salesperson_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    figures = fields.Json(readonly=True, help="The figures and rules from which the class came.")
    value = fields.Float("Figure", digits=(16, 4), readonly=True, aggregator="avg")
    margin = fields.Float("Margin (%)", digits=(16, 4), readonly=True, aggregator="avg")
    sentence = fields.Char("Why", compute="_compute_sentence")

    # === COMPUTE METHODS === #

    @api.depends("from_tier_id", "to_tier_id", "partner_id")
    def _compute_display_name(self):
        none = self.env._("No class")
        for row in self:
            row.display_name = (
                f"{row.partner_id.display_name}: {row.from_tier_id.name or none} → {row.to_tier_id.name or none}"
            )

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_sentence(self):
        keys = ("base", "table", "before", "rule", "target", "from", "to")
        ids = {(row.figures or {}).get(key) or 0 for row in self for key in keys} - {0}
        tiers = self.env["customer.tier"].sudo().with_context(active_test=False).browse(ids).exists()
        names = {tier.id: tier.name for tier in tiers}
        for row in self:
            row.sentence = self._sentence(row.figures or {}, names)

    @api.model
    def _sentence(self, figures, names):
        """Say in one sentence why a customer has a class, in the language of the user.

        :param dict figures: see ``customer.tier.run.line._explanation``
        :param dict names: {tier id: name} of the classes that are named there
        """
        why = figures.get("why")
        override = self.env["customer.tier.override"].sudo().browse(figures.get("override") or ()).exists()
        if why in ("override", "override_end") and override:
            return override._sentence(ended=why == "override_end")
        if why == "out":
            return self.env._("The scheme no longer covers this customer.")
        none = self.env._("no class")
        name = {key: names.get(figures.get(key), none) for key in ("base", "table", "before", "rule", "target", "to")}
        what, then = self._figure_part(figures, name), None
        votes, needed = figures.get("votes") or 0, figures.get("up_after")
        if votes < 0:
            votes, needed = -votes, figures.get("down_after")
        if why == "provisional":
            then = self.env._("provisional, after %s months of history", figures["history"])
        elif why == "moved" and figures.get("before") != figures.get("rule"):
            then = self.env._(
                "%(needed)s runs in a row speak for it: from %(before)s to %(rule)s",
                needed=figures.get("up_after" if figures.get("up") else "down_after"),
                before=name["before"],
                rule=name["rule"],
            )
        elif why == "waiting":
            then = self.env._(
                "stays %(rule)s: %(votes)s of %(needed)s runs in a row speak for %(target)s",
                votes=votes,
                needed=needed,
                rule=name["rule"],
                target=name["target"],
            )
        elif why == "tolerance":
            then = self.env._(
                "stays %(rule)s, within the tolerance of %(tolerance)s %%",
                rule=name["rule"],
                tolerance=self._number(figures.get("tolerance") or 0),
            )
        # Chinese has full stops and semicolons of its own.
        if then:
            return self.env._("%(what)s; %(then)s.", what=what, then=then)
        return self.env._("%(what)s.", what=what)

    @api.model
    def _figure_part(self, figures, name):
        value, margin = figures.get("value"), figures.get("margin")
        if value is None:
            return self.env._("Nothing bought in the period: %s", name["base"])
        scheme = self.env["customer.tier.scheme"].sudo().browse(figures.get("scheme") or ()).exists()
        unit = figures.get("unit_amount") or 1
        shown = {
            "value": self._number(
                value / unit, [bound / unit for bound in (figures.get("bound"), figures.get("next")) if bound]
            ),
            "unit": scheme.unit_name or "",
            "metric": scheme.metric_id.name or "",
            "margin": self._number(margin, [figures.get("quota")]) if margin is not None else "",
            "base": name["base"],
            "table": name["table"],
            "quota": self._number(figures["quota"]) if figures.get("quota") is not None else "",
        }
        if figures.get("standard"):
            text = (
                self.env._("Average %(value)s %(unit)s a month at %(margin)s %% margin: %(base)s by sales", **shown)
                if margin is not None
                else self.env._("Average %(value)s %(unit)s a month: %(base)s by sales", **shown)
            )
        else:
            text = self.env._("%(metric)s %(value)s %(unit)s: %(base)s", **shown)
        if figures.get("lifted"):
            text = self.env._("%(text)s, lifted to %(table)s by a margin above %(quota)s %%", text=text, **shown)
        return " ".join(text.split())

    @api.model
    def _number(self, value, bounds=()):
        """Write a number as the user's language does: with two places at most, with more where it would seem to lie on
        another side of a bound.
        """
        for places in (2, 3, 4):
            near = round(value, places)
            if all((near > bound) - (near < bound) == (value > bound) - (value < bound) for bound in bounds if bound):
                break
        text = f"{near:.{places}f}"
        while places and text.endswith("0"):
            text, places = text[:-1], places - 1
        return formatLang(self.env, near, digits=places)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("The history of classes writes itself."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The history of classes is kept as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of classes is kept as it is."))

    # === BUSINESS METHODS === #

    @api.model
    def _record(self, run, first, last):
        """Record the moves among the lines with ids from first to last of a run: one statement."""
        snapshot = run.snapshot
        keys = ("unit_amount", "standard", "per_month", "months", "tolerance", "up_after", "down_after")
        bounds = [None, *(tier["bound"] for tier in snapshot["tiers"]), None]
        quotas = [snapshot["unclassed_quota"], *(tier["quota"] for tier in snapshot["tiers"])]
        bands = {
            str(tier_id): {"bound": bounds[rank], "next": bounds[rank + 1], "quota": quotas[rank]}
            for rank, tier_id in enumerate([0, *(tier["id"] for tier in snapshot["tiers"])])
        }
        ids = [0, *(tier["id"] for tier in snapshot["tiers"])]
        lifted = {str(before): after for before, after in zip(ids, ids[1:], strict=False)}
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_tier_history (
                    partner_id, company_id, scheme_id, date, month, from_tier_id, to_tier_id, move, origin, run_id,
                    override_id, user_id, approved_by, value, margin, figures
                )
                SELECT partner_id, %(company)s, %(scheme)s, %(today)s, %(month)s, from_tier_id, to_tier_id, move, 'run',
                       run_id, override_id, %(user)s, %(approved)s, value, margin,
                       %(rules)s::jsonb
                       || COALESCE(%(bands)s::jsonb -> COALESCE(base_tier, 0)::text, '{}'::jsonb)
                       || jsonb_build_object(
                           'value', value, 'margin', margin, 'counted', months, 'history', history_months,
                           'base', COALESCE(base_tier, 0), 'lifted', lifted,
                           'table', CASE WHEN lifted THEN %(lifted)s::jsonb -> COALESCE(base_tier, 0)::text
                                         ELSE to_jsonb(COALESCE(base_tier, 0)) END,
                           'before', COALESCE(before_tier, 0), 'rule', COALESCE(rule_tier, 0),
                           'votes', votes, 'target', COALESCE(target_tier, 0), 'why', why,
                           'from', from_tier_id, 'to', to_tier_id, 'override', override_id,
                           'up', move IN ('up', 'in')
                       )
                  FROM customer_tier_run_line
                 WHERE run_id = %(run)s AND id BETWEEN %(first)s AND %(last)s AND move <> 'stay'
              ORDER BY id
                """,
                company=run.company_id.id,
                scheme=run.scheme_id.id,
                today=run.company_id._customer_today(),
                month=run.month,
                user=run.applied_by.id or self.env.uid,
                approved=run.approved_by.id or None,
                rules=fields.Json().convert_to_column(
                    {**{key: snapshot[key] for key in keys}, "scheme": run.scheme_id.id}, self
                ),
                bands=fields.Json().convert_to_column(bands, self),
                lifted=fields.Json().convert_to_column(lifted, self),
                run=run.id,
                first=first,
                last=last,
            )
        )
        self.invalidate_model()

    @api.model
    def _record_override(self, membership, before, override, ended=False):
        """Record that a class was fixed by hand, or that this ended."""
        after = membership.tier_id
        if not before:
            move = "in"
        elif not after:
            move = "out"
        else:
            move = "up" if after.sequence < before.sequence else "down"
        self.sudo().create(
            {
                "partner_id": membership.partner_id.id,
                "company_id": membership.company_id.id,
                "scheme_id": membership.scheme_id.id,
                "date": membership.company_id._customer_today(),
                "month": membership.month,
                "from_tier_id": before.id,
                "to_tier_id": after.id,
                "move": move,
                "origin": "override_end" if ended else "override",
                "override_id": override.id,
                "user_id": self.env.uid,
                "value": membership.value,
                "margin": membership.margin,
                "figures": {
                    "why": "override_end" if ended else "override",
                    "override": override.id,
                    "from": before.id,
                    "to": after.id,
                },
            }
        )

    def action_documents(self):
        """Open the trade behind the figure; see ``customer.tier.run.line``."""
        self.ensure_one()
        self.check_access("read")
        run = self.run_id.sudo()
        if not run:
            raise UserError(self.env._("This class was fixed by hand; no figures stand behind it."))
        counted = (self.figures or {}).get("counted") or run.snapshot["months"]
        return self.partner_id._action_tier_documents(self.company_id, run.date_to, counted)
