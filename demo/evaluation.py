"""Evaluation: two years of dealer evaluations, reputation events, and prospects.

The points are those of the data files; what comes from figures is measured on the day of each evaluation. Salespeople
and the sales manager evaluate, the director approves.
"""

from odoo.tools import SQL

from demo.data import rows

DIRECTOR = "director"
SALES_MANAGER = "salesmgr"
HIGH, LOW = "4", "1"  # points from which on, and up to which, something shows for them
RETURNED = "请补充依据：态度和行动均为满分，需附拜访记录和付款证明。"


def load_evaluations(demo):
    """Create reputation events, prospects and evaluations, and ask for the evaluations that are due."""
    if not demo.has("customer.reputation.event"):
        return
    _load_reputation(demo)
    _load_prospects(demo)
    template = demo.ref("customer_eval.scorecard_template_dealer")
    order = template.version_id._leaves().mapped("code")
    waves = {}
    for row in rows("evaluations"):
        waves.setdefault(sum(row["customer"] in seen for seen in waves.values()), {})[row["customer"]] = row
    cards = demo.env["customer.scorecard"]
    for wave in waves.values():
        cards |= _load_wave(demo, template, order, list(wave.values()))
    _backdate(demo)
    due = cards._due_unchased(demo.env.company)
    due._chase()
    if demo.has("res.company.eval_hold_mode"):
        demo.env.company.eval_hold_mode = "hold"
    demo.say(f"{len(cards)} evaluations, {len(due)} due again")


def _load_wave(demo, template, order, wave):
    """Create evaluations of different customers, with their answers, and take them as far as they went."""
    env = demo.env
    evidence = {row["criterion"]: row for row in rows("evaluation_evidence")}
    cards = env["customer.scorecard"].create(
        [
            {
                "partner_id": demo.customers[row["customer"]].id,
                "company_id": env.company.id,
                "template_id": template.id,
                "date": demo.day(int(row["age"])),
                "user_id": demo.users[row["by"]].id,
                "summary": row["summary"],
            }
            for row in wave
        ]
    )
    for card, row in zip(cards, wave, strict=True):
        answers = {answer.criterion_id.code: answer for answer in card.answer_ids}
        for code, points in zip(order, row["points"], strict=True):
            shown = evidence[code]["high"] if points >= HIGH else evidence[code]["low"] if points <= LOW else False
            answers[code].write({"first_points": points, "evidence": shown})
    states = {card: row["state"] for card, row in zip(cards, wave, strict=True)}
    submitted = cards.filtered(lambda card: states[card] != "draft")
    for user, group in submitted.grouped("user_id").items():
        done = group.filtered(lambda card: states[card] == "approved")
        done.with_user(user)._submit(measure=False, ask=False)
        (group - done).with_user(user)._submit(measure=False)
    approved = cards.filtered(lambda card: states[card] == "approved")
    approved.with_env(env(user=demo.users[DIRECTOR])).sudo()._approve()
    for card in cards.filtered(lambda card: states[card] == "returned"):
        card.with_user(demo.users[SALES_MANAGER])._refuse(RETURNED)
    return cards


def _backdate(demo):
    """Give the evaluations and what was logged on them the hours of their days, instead of the hour of loading."""
    demo.env.flush_all()
    made = SQL("card.date + TIME '01:00' + card.id * 37 %% 480 * INTERVAL '1 minute'")  # 9 to 17 o'clock in China
    demo.env.cr.execute(
        SQL(
            """UPDATE customer_scorecard card
                  SET create_date = %(made)s,
                      submitted_on = CASE WHEN submitted_on IS NOT NULL THEN %(made)s + INTERVAL '1 hour' END,
                      approved_on = CASE WHEN approved_on IS NOT NULL THEN %(made)s + INTERVAL '1 day' END""",
            made=made,
        )
    )
    demo.env.cr.execute(
        SQL(
            """UPDATE mail_message SET date = %s FROM customer_scorecard card
                WHERE mail_message.model = 'customer.scorecard' AND mail_message.res_id = card.id""",
            made,
        )
    )
    demo.env.invalidate_all()


def _load_reputation(demo):
    demo.env["customer.reputation.event"].create(
        [
            {
                "partner_id": demo.customers[row["customer"]].id,
                "company_id": demo.env.company.id,
                "date": demo.day(int(row["age"])),
                "kind_id": demo.ref(f"customer_eval.customer_reputation_kind_{row['kind']}").id,
                "source": row["source"],
                "description": row["description"],
                "user_id": demo.users[row["by"]].id,
            }
            for row in rows("reputation")
        ]
    )


def _load_prospects(demo):
    """Create the prospects, who haven't bought yet, and what is known about each."""
    env, prospects = demo.env, {}
    for row in rows("prospects"):
        prospects.setdefault(
            row["ref"],
            {
                "ref": row["ref"],
                "name": row["name"],
                "is_company": True,
                "lang": "zh_CN",
                "country_id": env.ref("base.cn").id,
                "state_id": env.ref(f"base.state_cn_{row['state']}").id,
                "city": row["city"],
                "user_id": demo.users[row["user"]].id,
            },
        )
    partners = {partner.ref: partner for partner in env["res.partner"].create(list(prospects.values()))}
    names = ("money", "authority", "need")
    env["customer.prospect.check"].create(
        [
            {
                "partner_id": partners[row["ref"]].id,
                "company_id": env.company.id,
                "date": demo.day(int(row["age"])),
                "user_id": demo.users[row["user"]].id,
                **{name: row[name] for name in names},
                **{f"{name}_note": row[f"{name}_note"] for name in names},
            }
            for row in rows("prospects")
        ]
    )
