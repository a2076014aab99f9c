"""Complaints in a database of their own: fill it, then measure the list, the escalation and the figures beside SQL.

Of every hundred complaints ninety are closed; of the ten open ones four are late. A customer has twenty-five, each with a line
about one of forty products. Odoo itself makes and closes the prototypes; every other row is a copy of theirs with some columns
replaced, as in generate.py. The deadlines lie such that a level of escalation has been reached once, for the late ones.
"""

from contextlib import contextmanager

import odoo.api
from odoo import Command
from odoo.modules.registry import Registry

import generate
from measure import Clock, paired, show

PER_CUSTOMER, PRODUCTS, PAGE, BATCH = 25, 40, 80, 500


def fill(env, count, say):
    """Fill a fresh database with so many complaints."""
    say("Prototypes")
    product = env["product.product"].create([{"name": f"Bench {number}"} for number in range(PRODUCTS)])
    customers = env["res.partner"].create([{"name": f"Dealer {number}", "is_company": True} for number in range(max(1, count // PER_CUSTOMER))])
    kind = env.ref("aftersales_complaint.complaint_kind_quality")
    line = {"kind_id": kind.id, "product_id": product[0].id, "quantity": 1}
    proto = env["complaint.complaint"].create({
        "partner_id": customers[0].id, "subject": "Bench", "user_id": env.ref("base.user_admin").id, "line_ids": [Command.create(line)],
    })
    env.flush_all()
    say(f"{count:,} complaints")
    closed = "number %% 10 <> 0"
    received = "now() at time zone 'utc' - make_interval(hours => 24 * (2 + number %% 700))"
    ids = generate.copy_rows(env.cr, "complaint_complaint", {
        "name": "'BENCH/' || number",
        "access_token": "md5(number::text)",
        "partner_id": f"(ARRAY{customers.ids})[1 + number / {PER_CUSTOMER} %% {len(customers)}]",
        "received_on": received,
        "severity": "(ARRAY['minor', 'major', 'critical'])[1 + number %% 3]",
        "state": f"CASE WHEN {closed} THEN 'closed' ELSE 'received' END",
        # Four of ten open ones are late since two hours, the others have a week.
        "acknowledge_deadline": "now() at time zone 'utc' + CASE WHEN number %% 100 IN (0, 20, 40, 60)"
                                " THEN interval '-2 hours' ELSE interval '7 days' END",
        "answer_deadline": "now() at time zone 'utc' + interval '8 days'",
        "solution_deadline": "now() at time zone 'utc' + interval '9 days'",
        "acknowledged_on": f"CASE WHEN {closed} THEN {received} END",
        "decided_on": f"CASE WHEN {closed} THEN {received} + interval '20 hours' END",
        "notified_on": f"CASE WHEN {closed} THEN {received} + interval '24 hours' END",
        "closed_on": f"CASE WHEN {closed} THEN {received} + interval '48 hours' END",
        "hours_to_answer": f"CASE WHEN {closed} THEN 24 ELSE 0 END",
        "days_open": f"CASE WHEN {closed} THEN 2 ELSE 0 END",
        "cost": f"CASE WHEN {closed} THEN number %% 90 ELSE 0 END",
    }, "CROSS JOIN generate_series(1, %s) number WHERE proto.id = %s", [count, proto.id])
    env.cr.execute(
        "UPDATE complaint_complaint SET deadline = CASE WHEN state <> 'closed' THEN acknowledge_deadline END WHERE id = ANY(%s)", [ids]
    )
    for table, source in (("complaint_line", proto.line_ids.id), ("complaint_step", proto.step_ids.id)):
        generate.copy_rows(env.cr, table, {
            "complaint_id": "complaint.id", "partner_id": "complaint.partner_id", "company_id": "complaint.company_id",
            "product_id": f"(ARRAY{product.ids})[1 + complaint.id %% {PRODUCTS}]", "date": "complaint.received_on",
        }, "CROSS JOIN complaint_complaint complaint WHERE proto.id = %s AND complaint.id = ANY(%s)", [source, ids])
    env.invalidate_all()


class Complaints:
    """The database, and what is measured on it; every run is rolled back."""

    def __init__(self, database):
        self.registry = Registry(database)
        with self.request() as env:
            self.view = env["complaint.complaint"].get_view(view_type="list")
            self.company = env.company.id
            self.metrics = env["customer.metric"].search([]).filtered(lambda metric: metric.code in FIGURES).mapped("code")

    @contextmanager
    def request(self):
        with self.registry.cursor() as cursor:
            try:
                yield odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {"lang": "en_US", "tz": "UTC"})
            finally:
                cursor.rollback()

    def clocked(self, call):
        with self.request() as env, Clock(env.cr) as clock:
            call(env)
            env.flush_all()
        return clock.sample

    def specification(self):
        import lxml.etree
        nodes = [node for node in lxml.etree.fromstring(self.view["arch"]).iter("field") if node.get("optional") != "hide"]
        with self.request() as env:
            fields = env["complaint.complaint"]._fields
            return {
                node.get("name"): {"fields": {"display_name": {}}} if fields[node.get("name")].relational else {} for node in nodes
            }


# How the same is asked for by hand.
FLOOR_LIST = """
    SELECT complaint.id, complaint.name, complaint.received_on, partner.complete_name, complaint.subject, complaint.severity,
           person.name, complaint.next_step, complaint.next_step_date, complaint.deadline, complaint.state,
           complaint.deadline <= now() at time zone 'utc', NOT login.active
      FROM complaint_complaint complaint
      JOIN res_partner partner ON partner.id = complaint.partner_id
      JOIN res_users login ON login.id = complaint.user_id
      JOIN res_partner person ON person.id = login.partner_id
  ORDER BY complaint.received_on DESC, complaint.id DESC
     LIMIT %s
"""
FLOOR_FIGURES = """
    SELECT partner_id, COUNT(*) FILTER (WHERE received_on >= now() at time zone 'utc' - interval '12 months'),
           MIN(received_on) FILTER (WHERE closed_on IS NULL)
      FROM complaint_complaint
     WHERE company_id = %s
  GROUP BY partner_id
"""
FLOOR_ESCALATION = """
    WITH late AS (
        SELECT id, round, acknowledge_deadline, user_id FROM complaint_complaint
         WHERE state <> 'closed' AND deadline <= now() at time zone 'utc' ORDER BY id LIMIT %(limit)s
    ), told AS (
        INSERT INTO complaint_escalation (complaint_id, company_id, round, kind, level_id, deadline, date, create_uid, create_date,
                                          write_uid, write_date)
        SELECT late.id, %(company)s, late.round, 'acknowledge', level.id, late.acknowledge_deadline, now() at time zone 'utc', 1,
               now() at time zone 'utc', 1, now() at time zone 'utc'
          FROM late JOIN complaint_escalation_level level ON level.days = 0
     RETURNING id, complaint_id
    ), people AS (
        INSERT INTO complaint_escalation_user_rel (complaint_escalation_id, res_users_id)
        SELECT told.id, late.user_id FROM told JOIN late ON late.id = told.complaint_id
     RETURNING 1
    )
    INSERT INTO mail_activity (res_model_id, res_model, res_id, activity_type_id, user_id, date_deadline, summary, automated, active,
                               create_uid, create_date, write_uid, write_date)
    SELECT model.id, model.model, late.id, %(type)s, late.user_id, current_date, 'Deadline passed', TRUE, TRUE, 1,
           now() at time zone 'utc', 1, now() at time zone 'utc'
      FROM late, ir_model model, (SELECT COUNT(*) FROM people) ran
     WHERE model.model = 'complaint.complaint'
"""
FIGURES = ("complaints", "complaint_open_days")


def measure(database, rounds):
    """Print the tables of the three jobs."""
    side = Complaints(database)
    with side.request() as env:
        total = env["complaint.complaint"].search_count([])
        late = env["complaint.complaint"].search([("late", "=", True)], order="id", limit=2 * BATCH).ids
        customers = env["complaint.complaint"].search([]).partner_id.ids
        activity_type = env.ref("aftersales_complaint.mail_activity_type_late").id
    print(f"\n{total:,} complaints of {len(customers):,} customers")
    specification = side.specification()

    def listed(limit):
        return lambda env: env["complaint.complaint"].web_search_read([], specification, limit=limit)

    show(f"list of {PAGE}, columns shown at first", paired({
        "floor": lambda: side.clocked(lambda env: _fetch(env, FLOOR_LIST, [PAGE])),
        "suite": lambda: side.clocked(listed(PAGE)),
        f"suite, {PAGE // 2}": lambda: side.clocked(listed(PAGE // 2)),
    }, rounds), "floor")

    def escalated(ids):
        return lambda env: env["complaint.complaint"].browse(ids)._escalate(_now(env))

    batch = late[:BATCH]
    show(f"escalation of {len(batch)} late complaints", paired({
        "floor": lambda: side.clocked(lambda env: env.cr.execute(
            FLOOR_ESCALATION, {"limit": len(batch), "company": side.company, "type": activity_type})),
        "suite": lambda: side.clocked(escalated(batch)),
        "suite, half": lambda: side.clocked(escalated(batch[: len(batch) // 2])),
    }, rounds), "floor")

    if side.metrics:
        def figures(ids):
            return lambda env: env["customer.metric"]._values(env["res.partner"].browse(ids), side.metrics)

        show(f"figures ({', '.join(side.metrics)}) of all customers", paired({
            "floor": lambda: side.clocked(lambda env: _fetch(env, FLOOR_FIGURES, [side.company])),
            "suite": lambda: side.clocked(figures(customers)),
            "suite, half": lambda: side.clocked(figures(customers[::2])),
        }, rounds), "floor")


def _now(env):
    env.cr.execute("SELECT now() at time zone 'utc'")
    return env.cr.fetchone()[0].replace(microsecond=0)


def _fetch(env, query, parameters):
    env.cr.execute(query, parameters)
    return env.cr.fetchall()
