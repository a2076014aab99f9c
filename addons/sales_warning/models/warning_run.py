import json
import logging
import random
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .warning_rule import LEFT, RANK

_logger = logging.getLogger(__name__)

CLEAN_RUNS = 2
BATCH = 200
ATTEMPTS = 5


class WarningRun(models.Model):
    """One look of a rule at the customers of a company on a day.

    A run is one transaction, with a number of queries that does not depend on the customers. Whoever works on it writes
    its row first: a second worker leaves it alone, or is turned away by the database. What a case brings (activities,
    messages) follows in batches, each case once per level, so that an interrupted night goes on where it stopped.
    """

    _name = "warning.run"
    _description = "Warning Run"
    _order = "day desc, id desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one("warning.rule", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade", readonly=True)
    day = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("pending", "Pending"), ("done", "Done")], required=True, default="pending", readonly=True
    )
    turn = fields.Integer(readonly=True)
    done_on = fields.Datetime(readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    opened_count = fields.Integer("Opened", readonly=True)
    raised_count = fields.Integer("Raised", readonly=True)
    lowered_count = fields.Integer("Lowered", readonly=True)
    clean_count = fields.Integer("Clean", readonly=True)
    closed_count = fields.Integer("Closed", readonly=True)

    _day_unique = models.Constraint("UNIQUE (rule_id, company_id, day)", "The rule has looked on this day already.")

    # === WHICH RUNS === #

    @api.model
    def _last_days(self, rule_ids):
        """Return {(rule id, company id): day of the last run that was finished}: one query."""
        return {
            (rule.id, company.id): day
            for rule, company, day in self._read_group(
                [("rule_id", "in", rule_ids), ("state", "=", "done")], ["rule_id", "company_id"], ["day:max"]
            )
        }

    @api.model
    def _run_for(self, rule, company, day):
        """Return the run of a rule in a company on a day, made where there is none. A finished one is run again."""
        self.flush_model()
        [(run_id,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO warning_run (rule_id, company_id, day, state, turn, create_uid, create_date, write_uid,
                                         write_date)
                     VALUES (%s, %s, %s, 'pending', 0, %s, NOW() AT TIME ZONE 'UTC', %s, NOW() AT TIME ZONE 'UTC')
                ON CONFLICT (rule_id, company_id, day) DO UPDATE SET state = 'pending', turn = warning_run.turn + 1
                  RETURNING id
                """,
                rule.id,
                company.id,
                day,
                self.env.uid,
                self.env.uid,
            )
        )
        self.invalidate_model()
        return self.browse(run_id)

    @api.model
    def _make_due(self):
        """Make the runs that are due today in each company, and return those that wait."""
        rules = self.env["warning.rule"].search([("state", "=", "on"), ("kind", "!=", "incident")])
        last = self._last_days(rules.ids)
        for company in self.env["res.company"].search([]):
            day = company._customer_today()
            for rule in rules:
                if rule.company_id in (company, rule.env["res.company"]) and rule._is_due(
                    day, last.get((rule.id, company.id))
                ):
                    self._run_for(rule, company, day)
        waiting = self.search([("state", "=", "pending")])
        # What a day that has passed, or a rule that was switched off, left unfinished is of no use any more.
        stale = waiting.filtered(lambda run: run.rule_id not in rules or run.day < run.company_id._customer_today())
        stale.try_lock_for_update().unlink()
        return (waiting - stale).sorted(lambda run: (run.rule_id.sequence, run.id))

    # === THE RUN === #

    def _process(self):
        """Judge the customers and write what follows: cases, their changes, their history."""
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(SQL("UPDATE warning_run SET turn = turn + 1 WHERE id = %s", self.id))
        self.invalidate_recordset()
        if self.state == "done":
            return
        company = self.company_id
        rule = self.rule_id.sudo().with_company(company)
        # Figures of a day that was missed are of no use any more: those of today are.
        day = company._customer_today()
        self.env["warning.case"].flush_model()
        customers = rule._customers()
        findings = rule._evaluate(customers, day + timedelta(days=1))
        changes = self._changes(rule, company, day, findings, customers.ids)
        deadlines = rule._deadlines(day)
        events = self._open_cases(rule, company, day, changes["open"], deadlines)
        events += self._update_cases(day, changes["update"], deadlines)
        self._log(day, events)
        counts = {
            name: sum(event["event"] == name for event in events)
            for name in ("opened", "raised", "lowered", "clean", "closed")
        }
        self.write(
            {
                "state": "done",
                "done_on": fields.Datetime.now(),
                "customer_count": len(findings),
                **{f"{name}_count": count for name, count in counts.items()},
            }
        )
        self.env["warning.case"].invalidate_model()
        self.env["warning.case.log"].invalidate_model()
        # Who closes a case by hand has ended its activities; so does a run.
        closed = [event["id"] for event in events if event["event"] == "closed"]
        self.env["warning.case"].sudo().browse(closed).activity_ids.unlink()

    def _process_alone(self):
        """Judge the customers; a rule that can't be judged fails for itself, and does not stop the others.

        Another worker's run is left to that worker.
        """
        if not self.try_lock_for_update():
            return
        self._alone(self._process, f"The warning rule {self.rule_id.name!r} failed for {self.company_id.name}")

    @api.model
    def _alone(self, step, failure):
        """Do a step of a night; when it fails, that is logged, and the others go on."""
        try:
            with self.env.cr.savepoint():
                step()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("%s", failure)
            self.env.invalidate_all()

    @api.model
    def _changes(self, rule, company, day, findings, watched):
        """Return what findings change: {"open": rows to insert, "update": rows of open cases}: two queries.

        A customer whom the rule no longer looks at (``watched`` are the ids of those it does) counts as clean: nobody
        would ever find the figure better. One who is archived, or of whom nothing is known, stays as he is.

        About a customer whose case was closed by hand the rule is silent for as long as a case may be snoozed, unless
        it gets worse: whoever closed it knew the figure.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.partner_id, c.level, c.worst_level, c.clean_runs, c.state, c.last_day, p.active
                  FROM warning_case c
                  JOIN res_partner p ON p.id = c.partner_id
                 WHERE c.rule_id = %s AND c.company_id = %s AND c.state <> 'closed' AND c.incident_id IS NULL
                """,
                rule.id,
                company.id,
            )
        )
        open_cases = {row[1]: row for row in rows}
        known = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (partner_id) partner_id, worst_level
                      FROM warning_case
                     WHERE rule_id = %s AND company_id = %s AND state = 'closed' AND closed_auto IS NOT TRUE
                       AND closed_on > %s AND incident_id IS NULL
                  ORDER BY partner_id, id DESC
                    """,
                    rule.id,
                    company.id,
                    day - timedelta(days=rule.snooze_days),
                )
            )
        )
        opening = [
            {"partner_id": customer_id, "level": level, "reason": reason, "figures": figures}
            for customer_id, (level, reason, figures) in findings.items()
            if RANK[level] > RANK[known.get(customer_id)] and customer_id not in open_cases
        ]
        left = {customer_id for customer_id, row in open_cases.items() if row[-1]}.difference(watched)
        findings = {**findings, **dict.fromkeys(left, (None, LEFT, {}))}
        updates = []
        for customer_id, (case_id, _partner_id, before, worst, clean, state, last_day, _active) in open_cases.items():
            if customer_id not in findings:
                continue
            level, reason, figures = findings[customer_id]
            if level is None:
                # Whoever looks twice on a day has not seen it recover twice.
                seen = clean and last_day == day
                clean += not seen
                event = "closed" if clean >= CLEAN_RUNS else "same" if seen else "clean"
                level = before
            else:
                clean = 0
                event = {1: "raised", 0: "same", -1: "lowered"}[
                    (RANK[level] > RANK[before]) - (RANK[level] < RANK[before])
                ]
            updates.append(
                {
                    "id": case_id,
                    "partner_id": customer_id,
                    "level": level,
                    "worst_level": level if RANK[level] > RANK[worst] else worst,
                    "clean_runs": clean,
                    "reason": reason,
                    "figures": figures,
                    "event": event,
                    "woken": (event, state) == ("raised", "snoozed"),
                    "state": "closed"
                    if event == "closed"
                    else "open"
                    if (event, state) == ("raised", "snoozed")
                    else state,
                }
            )
        return {"open": opening, "update": updates}

    def _open_cases(self, rule, company, day, rows, deadlines):
        """Insert new cases, and return an event for each that was really new: queries that do not depend on them."""
        if not rows:
            return []
        customers = self.env["res.partner"].browse(sorted(row["partner_id"] for row in rows))
        owners = rule._owners(customers)
        at_risk = rule._at_risk(customers, day + timedelta(days=1))
        for row in rows:
            row["money_at_risk"] = at_risk[row["partner_id"]]
            row["user_id"] = owners.get(row["partner_id"]) or rule.owner_id.id
            row["deadline"] = fields.Date.to_string(deadlines[row["level"]])
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO warning_case (rule_id, company_id, partner_id, user_id, level, worst_level, acted_level,
                                          reason, figures, last_reason, last_figures, state, opened_on, last_day,
                                          deadline, escalate_on, clean_runs, escalation, money_at_risk,
                                          create_uid, create_date, write_uid, write_date)
                     SELECT %(rule)s, %(company)s, partner_id, user_id, level, level, NULL,
                            reason, figures, reason, figures, 'open', %(day)s, %(day)s,
                            deadline, deadline, 0, '0', money_at_risk,
                            %(user)s, NOW() AT TIME ZONE 'UTC', %(user)s, NOW() AT TIME ZONE 'UTC'
                       FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (partner_id integer, user_id integer,
                            level varchar, reason varchar, figures jsonb, deadline date, money_at_risk numeric)
                ON CONFLICT DO NOTHING
                  RETURNING id, partner_id
                """,
                rule=rule.id,
                company=company.id,
                day=day,
                user=self.env.uid,
                rows=json.dumps(rows),
            )
        )
        ids = {partner_id: case_id for case_id, partner_id in found}
        return [{**row, "id": ids[row["partner_id"]], "event": "opened"} for row in rows if row["partner_id"] in ids]

    def _update_cases(self, day, rows, deadlines):
        """Write what a run found on open cases, and return the events that changed something: one query."""
        if not rows:
            return []
        for row in rows:
            raised = row["event"] == "raised"
            row["deadline"] = fields.Date.to_string(deadlines[row["level"]]) if raised else None
        self.env.execute_query(
            SQL(
                """
                UPDATE warning_case
                   SET level = row.level, worst_level = row.worst_level, clean_runs = row.clean_runs,
                       last_reason = row.reason, last_figures = row.figures, last_day = %(day)s, state = row.state,
                       deadline = CASE WHEN row.woken THEN row.deadline
                                       ELSE LEAST(warning_case.deadline, row.deadline) END,
                       escalate_on = CASE WHEN row.woken THEN row.deadline
                                          ELSE LEAST(warning_case.escalate_on, row.deadline) END,
                       snooze_until = CASE WHEN row.state = 'snoozed' THEN warning_case.snooze_until END,
                       stops_expense = warning_case.stops_expense AND row.state <> 'closed',
                       digest_wanted = warning_case.digest_wanted AND row.state <> 'closed',
                       closed_on = CASE WHEN row.state = 'closed' THEN %(day)s END,
                       closed_auto = (row.state = 'closed'),
                       write_uid = %(user)s, write_date = NOW() AT TIME ZONE 'UTC'
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (id integer, level varchar, worst_level varchar,
                       clean_runs integer, reason varchar, figures jsonb, state varchar, deadline date, woken boolean)
                 WHERE warning_case.id = row.id
             RETURNING warning_case.id
                """,
                day=day,
                user=self.env.uid,
                rows=json.dumps(rows),
            )
        )
        return [row for row in rows if row["event"] != "same"]

    def _log(self, day, events):
        """Keep the history of what a run changed: one query."""
        if not events:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO warning_case_log (case_id, run_id, day, event, level, reason, figures, user_id,
                                              create_uid, create_date, write_uid, write_date)
                     SELECT id, %(run)s, %(day)s, event, level, reason, figures, %(user)s,
                            %(user)s, NOW() AT TIME ZONE 'UTC', %(user)s, NOW() AT TIME ZONE 'UTC'
                       FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (id integer, event varchar, level varchar,
                            reason varchar, figures jsonb)
                  RETURNING id
                """,
                run=self.id,
                day=day,
                user=self.env.uid,
                rows=json.dumps(
                    [{name: event[name] for name in ("id", "event", "level", "reason", "figures")} for event in events]
                ),
            )
        )

    # === WHAT FOLLOWS === #

    @api.model
    def _carry_out(self, limit=None):
        """Carry out the actions of cases that opened, or rose, since: each case once per level.

        :return: whether some are left
        """
        Case = self.env["warning.case"].sudo()
        limit = limit or BATCH
        cases = Case.search(self._pending(), limit=limit + 1, order="id")
        left = len(cases) > limit
        cases = cases[:limit].try_lock_for_update()
        for (rule, company), found in cases.grouped(lambda case: (case.rule_id, case.company_id)).items():
            for action in rule.action_ids:
                self._alone(
                    lambda action=action, found=found, company=company: action.with_company(company)._carry_out(
                        found.with_company(company)
                    ),
                    f"The action {action.kind!r} of the warning rule {rule.name!r} failed for {company.name}",
                )
            for level in ("amber", "red"):
                found.filtered(lambda case, level=level: case.level == level).write({"acted_level": level})
        return left and bool(cases)

    @api.model
    def _pending(self):
        """Return the condition of the cases on which nobody has acted yet, at the level that they have."""
        risen = Domain("acted_level", "=", "amber") & Domain("level", "=", "red")
        return Domain("state", "!=", "closed") & (Domain("acted_level", "=", False) | risen)

    @api.model
    def _cron_process(self, batch=None):
        """Do the night's work: look, carry out, wake, escalate, send digests. Each part is committed on its own.

        :param int batch: cases that are acted on, or escalated, between two commits
        """
        Cron = self.env["ir.cron"]
        Case = self.env["warning.case"].sudo()
        runs = self._in_turn(self._make_due)
        # What was committed lets Odoo start a night again at once that is broken off later.
        Cron._commit_progress(1, remaining=len(runs) + 1)
        # The rules of a company look at the same documents, which are read once.
        shared = {company: self.env["customer.metric"]._sharing().env for company in runs.company_id}
        for run in runs:
            self._in_turn(run.with_env(shared[run.company_id])._process_alone)
            if not Cron._commit_progress(1):
                return
        for step in (lambda: self._carry_out(batch), Case._wake, lambda: Case._escalate_due(batch)):
            left = True
            while left:
                left = self._in_turn(step)
                if not Cron._commit_progress(1, remaining=1):
                    return
        if Case.search_count(self._pending(), limit=1):
            # Somebody else is at them. A digest tells of all cases of the day, so it comes after.
            Cron._commit_progress(remaining=1)
            return
        self._in_turn(self.env["warning.digest"].sudo()._send_due)
        Cron._commit_progress(1, remaining=0)

    @api.model
    def _in_turn(self, step):
        """Return the result of a part of the night, which is begun anew when somebody else was faster."""
        for attempt in range(1, ATTEMPTS):
            try:
                result = step()
                self.env.flush_all()
                return result
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                time.sleep(random.uniform(0, 2**attempt / 10))
        return step()
