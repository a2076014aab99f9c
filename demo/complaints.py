"""Complaints: what customers complained about in the last year, and how far each has come.

Service, quality, sales manager and director take the steps, each their own; the dealer files, objects and rates on the
portal. The steps are then dated back to the days on which they would have been taken.
"""

import io
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import Command, fields
from odoo.tools import SQL

from demo import plan
from demo.data import office_hours, rows

SERVICE, QUALITY, DECIDER, DIRECTOR = "service", "quality", "salesmgr", "director"
CAPS = {DECIDER: 5000, DIRECTOR: 100_000}
EXCEPTION = "客户长期合作，责任在我方，同意退货。"
# Working days to the acknowledgement, the answer and the solution.
BEST_CLASS_DAYS = {"minor": (0, 3, 7), "major": (0, 2, 5), "critical": (0, 1, 2)}
# The steps after the receipt; "found" and "signed" are no states but what has been written down by then.
WAY = ("acknowledged", "assessed", "investigating", "found", "signed", "decided", "notified")
REACHES = {"reopened": "notified", "closed": "notified"}


def load_complaints(demo):
    """File complaints about goods that were delivered, and take each as far as it went."""
    if not demo.has("complaint.complaint"):
        return
    env, company = demo.env, demo.env.company
    company.complaint_user_id = demo.users[SERVICE]
    env["complaint.cap"].create(
        [
            {"user_id": demo.users[login].id, "company_id": company.id, "amount": amount}
            for login, amount in CAPS.items()
        ]
    )
    _set_deadlines(demo)
    planned = rows("complaints")
    dealer = env["res.users"].search([("login", "=", "dealer")])
    complaints = env["complaint.complaint"]
    for number, row in enumerate(planned):
        complaint = _file(demo, row, number, dealer)
        # Who doesn't answer on the portal tells service, who notes it down.
        _take(demo, complaint, row, dealer if row["channel"] == "portal" else demo.users[SERVICE])
        complaints |= complaint
    _backdate(demo, zip(complaints.sorted("id"), planned, strict=True))
    complaints.filtered("late").sudo()._escalate(fields.Datetime.now())
    demo.say(f"{len(complaints)} complaints, {len(complaints.filtered(lambda one: one.state != 'closed'))} open")


def _set_deadlines(demo):
    """Answer customers of the best classes sooner."""
    if not demo.has("complaint.deadline.tier_ids"):
        return
    best = demo.env["customer.tier"].search([("name", "in", ["AAA", "AA"])])
    demo.env["complaint.deadline"].create(
        [
            {
                "severity": severity,
                "tier_ids": [Command.set(best.ids)],
                "acknowledge_days": days[0],
                "answer_days": days[1],
                "solution_days": days[2],
            }
            for severity, days in BEST_CLASS_DAYS.items()
        ]
    )


def _file(demo, row, number, dealer):
    """File one complaint, by the dealer or by service, on its day."""
    env = demo.env
    age = int(row["age"])
    customer = demo.customers[row["customer"]]
    line = _delivered(demo, customer, age + int(row["goods_days"]), float(row["quantity"]))
    values = {
        "kind_id": demo.ref(f"aftersales_complaint.complaint_kind_{row['kind']}").id,
        "order_line_id": line.id,
        "product_id": line.product_id.id,
        "quantity": float(row["quantity"]),
    }
    if row["kind"] == "service":
        values = {"kind_id": values["kind_id"]}
    filer = dealer if row["channel"] == "portal" else demo.users[SERVICE]
    received = min(office_hours(plan.working_day(demo.today, age), number), fields.Datetime.now())
    complaint = (
        env["complaint.complaint"]
        .with_user(filer)
        .sudo()
        .create(
            {
                "partner_id": customer.id,
                "contact_id": customer.child_ids.filtered(lambda child: child.type == "contact")[:1].id,
                "company_id": env.company.id,
                "order_id": line.order_id.id,
                "subject": row["subject"],
                "description": row["description"],
                "channel": row["channel"],
                "wish": row["wish"],
                "severity": row["severity"],
                "complexity": row["complexity"],
                "received_on": received,
                "line_ids": [Command.create(values)],
            }
        )
    )
    if row["kind"] in ("packaging", "transport"):
        photo = env["ir.attachment"].create(
            {
                "name": "外箱照片.jpg",
                "raw": _photo(number),
                "mimetype": "image/jpeg",
                "res_model": "complaint.line",
                "res_id": complaint.line_ids.id,
            }
        )
        complaint.line_ids.attachment_ids = photo
    return complaint.with_env(env)


def _delivered(demo, customer, age, quantity):
    """Return an order line that was delivered at least ``age`` days ago, with at least so many units."""
    day = fields.Datetime.to_string(office_hours(demo.day(age), 0))
    moves = demo.env["stock.move"].search(
        [
            ("sale_line_id.order_partner_id", "=", customer.id),
            ("state", "=", "done"),
            ("location_dest_id.usage", "=", "customer"),
            ("date", "<=", day),
            ("quantity", ">=", quantity),
        ],
        order="date desc, id",
        limit=1,
    )
    return moves.sale_line_id


def _photo(number):
    """Return a drawn picture of a box with a wet corner: no photo of anybody is needed."""
    picture = Image.new("RGB", (640, 480), (205, 208, 212))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(120, 170), (320, 110), (540, 160), (340, 230)], fill=(214, 176, 124))
    draw.polygon([(120, 170), (340, 230), (340, 420), (120, 350)], fill=(190, 148, 95))
    draw.polygon([(340, 230), (540, 160), (540, 345), (340, 420)], fill=(168, 128, 80))
    draw.line([(220, 140), (440, 196)], fill=(232, 220, 190), width=22)
    shift = number % 5 * 8
    draw.polygon([(340, 420), (340, 320 - shift), (400, 350), (470, 370), (500, 360)], fill=(112, 82, 50))
    draw.polygon([(340, 420), (340, 330), (270, 360 - shift), (230, 385)], fill=(132, 98, 60))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _take(demo, complaint, row, customer):
    """Take the steps of a complaint, each by the person whose step it is."""
    service, quality, decider = (complaint.with_user(demo.users[login]) for login in (SERVICE, QUALITY, DECIDER))
    goal = REACHES.get(row["state"], row["state"])
    steps = {
        "acknowledged": service.action_acknowledge,
        "assessed": lambda: service.write({"impact": row["impact"]}) and service.action_assess(),
        "investigating": quality.action_investigate,
        "found": lambda: _find(demo, quality, row),
        "signed": lambda: _sign(decider, row),
        "decided": lambda: complaint.state == "decided" or complaint.with_user(demo.users[DIRECTOR]).action_decide(),
        "notified": lambda: _tell(service, row),
    }
    if goal == "received":
        return
    for step in WAY[: WAY.index(goal) + 1]:
        steps[step]()
    if row["response"]:
        complaint.with_user(customer).sudo()._respond(row["response"], row["feedback"])
    if row["state"] == "closed":
        service.remedy_ids.action_make()
        _finish(demo, complaint)
        service.action_close()
        if row["rating"]:
            complaint.with_user(customer).sudo()._rate(complaint.contact_id, row["rating"], row["feedback"])


def _find(demo, quality, row):
    """Write down the findings, and propose the remedies."""
    line = quality.line_ids
    quality.write(
        {
            "findings": row["findings"],
            "cause_id": demo.ref(f"aftersales_complaint.complaint_cause_{row['cause']}").id,
            "responsibility": row["responsibility"],
            "cost": float(row["cost"]),
            "user_id": demo.users[QUALITY if row["state"] == "found" else SERVICE].id,
        }
    )
    remedies = []
    for remedy in filter(None, row["remedies"].split("|")):
        kind, *numbers = remedy.split(":")
        values = {"complaint_id": quality.id, "kind": kind, "line_id": line.id}
        names = {"repackage": ("quantity", "material_cost", "work_cost")}.get(kind) or (
            ("amount",) if kind in ("allowance", "compensation") else ("quantity",)
        )
        remedies.append({**values, **{name: float(number) for name, number in zip(names, numbers, strict=True)}})
    quality.env["complaint.remedy"].create(remedies)


def _sign(decider, row):
    for remedy in decider.remedy_ids.filtered("policy_note"):
        remedy._approve_exception(EXCEPTION)
    decider.write({"decision": row["decision"], "decision_note": row["decision_note"]})
    decider.action_decide()


def _tell(service, row):
    contact = service.sudo().contact_id
    values = {"content": row["decision_note"], "person": contact.name, "phone": contact.phone or "0512-6288 0168"}
    service._notify(row["told"], {**values, "tracking_number": f"EMS{1_000_000 + service.id}CN"})


def _finish(demo, complaint):
    """Post the credit notes, and take in and send out the goods, of what was made."""
    for remedy in complaint.remedy_ids:
        if remedy.move_id:
            remedy.move_id.invoice_date = demo.today
            remedy.move_id.action_post()
        for picking in remedy.picking_ids:
            for move in picking.move_ids:
                move.write({"quantity": move.product_uom_qty, "picked": True})
            picking._action_done()
        if remedy.kind == "return":
            remedy.with_user(demo.users[SERVICE])._receive("package", remedy.quantity, "内盒完好")


def _backdate(demo, taken):
    """Give the steps, notices and documents the days on which they would have been, ``pace`` days apart."""
    env = demo.env
    env.flush_all()
    columns = {"acknowledged": "acknowledged_on", "decided": "decided_on", "notified": "notified_on"}
    columns["closed"] = "closed_on"
    days = []
    for complaint, row in taken:
        moment, gap = complaint.received_on, timedelta(days=float(row["pace"]))
        days.append((complaint.id, None, "received", moment))
        for number, step in enumerate(complaint.step_ids.sorted("id")[1:], 1):
            if step.kind in columns or step.kind in ("assessed", "investigating", "signed", "objected"):
                day = plan.working_day((moment + gap).date(), 0)
                moment = max(moment + timedelta(minutes=15), office_hours(day, complaint.id + number * 3))
                moment = min(moment, fields.Datetime.now())
            days.append((complaint.id, step.id, step.kind, moment))
    for complaint_id, step_id, kind, moment in days:
        env.cr.execute(
            "UPDATE complaint_step SET date = %s, create_date = %s WHERE id = COALESCE(%s, "
            "(SELECT min(id) FROM complaint_step WHERE complaint_id = %s))",
            [moment, moment, step_id, complaint_id],
        )
        if kind in columns:
            env.cr.execute(
                SQL(
                    "UPDATE complaint_complaint SET %s = %s WHERE id = %s AND %s IS NOT NULL",
                    SQL.identifier(columns[kind]),
                    moment,
                    complaint_id,
                    SQL.identifier(columns[kind]),
                )
            )
    for statement in UPDATES:
        env.cr.execute(statement)
    env.invalidate_all()


UPDATES = (
    """UPDATE complaint_complaint
          SET create_date = received_on,
              hours_to_answer = COALESCE(EXTRACT(EPOCH FROM notified_on - received_on) / 3600, 0),
              days_open = COALESCE(EXTRACT(EPOCH FROM closed_on - received_on) / 86400, 0),
              next_step_date = CASE WHEN deadline < now() AND state = 'received' THEN deadline::date
                               ELSE next_step_date END""",
    """UPDATE complaint_notice notice SET date = step.date
         FROM complaint_step step WHERE step.complaint_id = notice.complaint_id AND step.kind = 'notified'""",
    """UPDATE mail_message message SET date = complaint.received_on
         FROM complaint_complaint complaint
        WHERE message.model = 'complaint.complaint' AND message.res_id = complaint.id""",
    """UPDATE rating_rating rating SET create_date = complaint.closed_on, write_date = complaint.closed_on
         FROM complaint_complaint complaint
        WHERE rating.res_model = 'complaint.complaint' AND rating.res_id = complaint.id""",
)
