"""What policies say about one order, from figures alone: the one definition for the gate and for simulations (C6)."""


def judge(figures, rules, amount, today, digits, used=None, customer_id=None, total=None, days=None):
    """Return the figures that are said with each objection, and the objections.

    :param figures: Exposure of the customer without this order
    :param dict rules: {check: Rule} that hold for the customer
    :param float amount: what this order uses
    :param today: day of the judgement
    :param int digits: of the currency
    :param dict used: {customer id, or key of a Collective: amount} that orders before this one in a batch use
    :param customer_id: of the order; with ``used``
    :param total: function that returns the order's total
    :param days: function that returns the days of its payment terms
    :return: (dict, list of (code, level, Rule, more figures)); levels are "hold" and "warn"
    """
    used = used or {}
    exposure = round(figures.exposure + used.get(customer_id, 0.0), digits)
    # Payments that are not yet set off count before invoices are called overdue.
    overdue = max(round(figures.overdue - figures.unapplied, digits), 0.0)
    limit = figures.limit
    excess = 0.0 if limit is None else max(round(exposure + amount - limit, digits), 0.0)
    common = {"limit": limit, "exposure": exposure, "excess": excess, "overdue": overdue}
    found = []
    if amount <= 0:
        return common, found

    def beyond(check, passed, early, code=None, **more):
        """Apply the rule for ``check``: its level once its tolerance is passed, else a warning if wished."""
        rule = rules.get(check)
        if rule is None or rule.level == "off":
            return
        if passed(rule):
            found.append((code or check, rule.level, rule, more))
        elif early and rule.early:
            found.append((code or check, "warn", rule, more))

    if excess > 0:
        beyond(
            "excess",
            lambda rule: excess > max(rule.amount, (limit or 0.0) * rule.percent / 100),
            True,
            code="none" if figures.mode == "none" and not limit else "excess",
        )
    for collective in figures.collectives:
        all_use = round(collective.exposure + used.get(collective.key, 0.0), digits)
        over = round(all_use + amount - collective.limit, digits)
        if over > 0:
            beyond(
                collective.kind,
                lambda rule, over=over, whole=collective.limit: over > max(rule.amount, whole * rule.percent / 100),
                True,
                name=collective.name,
                collective_limit=collective.limit,
                collective_exposure=all_use,
                collective_excess=over,
            )
    if overdue > 0:
        beyond("overdue", lambda rule: overdue > rule.amount and figures.overdue_days > rule.days, True)
    if figures.oldest_days:
        beyond(
            "oldest",
            lambda rule: figures.oldest_days > rule.days,
            False,
            days=figures.oldest_days,
            tolerated=rules["oldest"].days if "oldest" in rules else 0,
        )
    if figures.expired(today) and figures.mode != "none":
        beyond("expired", lambda rule: True, False, valid_until=figures.valid_until.isoformat())
    if "order_max" in rules and rules["order_max"].level != "off":
        whole = total()
        beyond("order_max", lambda rule: whole > rule.amount, False, total=whole, largest=rules["order_max"].amount)
    if figures.payment_days is not None and "terms" in rules and rules["terms"].level != "off":
        wanted = days()
        if wanted > figures.payment_days:
            beyond(
                "terms",
                lambda rule: wanted > figures.payment_days + rule.days,
                True,
                days=wanted,
                granted=figures.payment_days,
            )
    return common, found
