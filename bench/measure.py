"""The measurements: several databases in one process, one round of each side after the other, medians of the rounds.

A ratio is the median of the ratios of the rounds, each of which compares neighbours in time; so a machine that is
busy for a while slows both and hardly changes it.
"""

import cProfile
import gc
import platform
import pstats
import random
import statistics
import time
import tracemalloc
from collections import Counter
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from lxml import etree

import odoo.api
from odoo.modules.registry import Registry

import contracts
import floor
import generate
import night
import scoring

WARM_UP = 5
NAMES = {"plain": "Odoo alone", "suite": "with the suite", "oca": "with the OCA's", "floor": "hand-written SQL"}


class Sample(NamedTuple):
    """One run: seconds, number of statements, seconds of processor time of Odoo and of its PostgreSQL backend.

    The processor time hardly depends on what else the machine does; it is None when the server runs elsewhere.
    """

    seconds: float
    queries: int
    cpu: float | None


class Side:
    """One database, its registry and its users."""

    def __init__(self, name, database):
        self.name = name
        self.registry = Registry(database)
        with self.registry.cursor() as cursor:
            env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
            users = env["res.users"]
            self.users = {
                login: users.search([("login", "=", login)]).id for login in (generate.SALESPERSON, generate.ACCOUNTANT)
            }
            self.company_id = env.company.id
            self.quotations = {
                number: generate.quotation(env, number).id for number in (generate.FEW, generate.INVOICES, generate.ORDERS)
            }

    @contextmanager
    def request(self, login=None):
        """Yield an environment as a request has it, in a transaction that is rolled back."""
        with self.registry.cursor() as cursor:
            user = self.users[login] if login else odoo.api.SUPERUSER_ID
            context = {"lang": "en_US", "tz": "UTC", "uid": user, "allowed_company_ids": [self.company_id]}
            try:
                yield odoo.api.Environment(cursor, user, context)
            finally:
                cursor.rollback()


class Clock:
    """Measures what runs inside ``with``; the garbage collector waits meanwhile."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.backend = Path(f"/proc/{cursor._cnx.get_backend_pid()}/schedstat")

    def __enter__(self):
        gc.collect()
        gc.disable()
        # The first statement of a transaction takes its snapshot; that isn't what is measured.
        self.cursor.execute("SELECT 1")
        self.queries = self.cursor.sql_log_count
        self.cpu = self._cpu()
        self.started = time.perf_counter()
        return self

    def __exit__(self, *_error):
        self.seconds = time.perf_counter() - self.started
        self.cpu = self.cpu and self._cpu() - self.cpu
        gc.enable()

    def _cpu(self):
        try:
            return time.process_time() + int(self.backend.read_text().split()[0]) / 1e9
        except OSError:
            return None

    @property
    def sample(self):
        return Sample(self.seconds, self.cursor.sql_log_count - self.queries, self.cpu)


def main(sides, options):
    sides = {name: Side(name, database) for name, database in sides.items()}
    only = {name for name in options.only.split(",") if name}
    if options.profile:
        profile_confirm(sides["suite"])
        return 0
    with sides["plain"].registry.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0]
    print(f"\n{options.customers:,} customers; Python {platform.python_version()}, PostgreSQL {server}, {platform.machine()}")
    for name, measurement in MEASUREMENTS.items():
        if not only or name in only:
            measurement(sides, options)
    return 0


# Rounds and what is printed of them

def paired(runs, rounds):
    """Run {name: function that returns a Sample} ``rounds`` times, one after the other, and return {name: samples}.

    Every round has its own order, drawn from a fixed seed: a side that comes after another one on the same database
    finds its pages in the processor's caches and is some percent quicker.
    """
    names, order = list(runs), random.Random(0)
    for _round in range(min(WARM_UP, rounds)):
        for name in names:
            runs[name]()
    gc.collect()
    gc.freeze()
    samples = {name: [] for name in names}
    for _round in range(rounds):
        for name in order.sample(names, len(names)):
            samples[name].append(runs[name]())
    gc.unfreeze()
    return samples


def show(title, samples, base):
    """Print one table: medians, ratios to ``base`` with their middle half, number of statements."""
    rounds = len(samples[base])
    print(f"\n{title} ({rounds} rounds)")
    print(f"  {'':26} {'median':>11} {'ratio':>7} {'middle half':>13} {'CPU':>10} {'ratio':>7} {'queries':>8}")
    for name, rows in samples.items():
        ratios = _ratios(rows, samples[base], "seconds")
        low, high = (statistics.quantiles(ratios, n=4)[index] for index in (0, 2)) if rounds > 1 else ratios * 2
        line = f"  {NAMES.get(name, name):26} {_median(rows, 'seconds'):8.1f} ms {statistics.median(ratios):7.2f} {low:6.2f}-{high:6.2f}"
        if rows[0].cpu is not None:
            line += f" {_median(rows, 'cpu'):7.1f} ms {statistics.median(_ratios(rows, samples[base], 'cpu')):7.2f}"
        queries = sorted({row.queries for row in rows})
        print(f"{line} {'-'.join(map(str, sorted({queries[0], queries[-1]}))):>8}", flush=True)


def _median(rows, name):
    return 1000 * statistics.median(getattr(row, name) for row in rows)


def _ratios(rows, others, name):
    return [getattr(row, name) / getattr(other, name) for row, other in zip(rows, others, strict=True)]


# Confirming an order

def confirm(side, number):
    """Confirm the quotation of five lines and do what a commit would still do but for committing."""
    with side.request(generate.SALESPERSON) as env:
        order = env["sale.order"].browse(side.quotations[number])
        with Clock(env.cr) as clock:
            order.action_confirm()
            env.cr.flush()
        if order.state != "sale":
            raise ValueError(f"{order.name} was not confirmed in the database {env.cr.dbname}.")
        return clock.sample


def measure_confirm(sides, options):
    cases = {
        generate.FEW: "few open invoices",
        generate.INVOICES: f"{generate.MANY_INVOICES:,} open invoices",
        generate.ORDERS: f"{generate.MANY_ORDERS} open orders",
    }
    for number, title in cases.items():
        runs = {name: lambda side=side, number=number: confirm(side, number) for name, side in sides.items()}
        if "dealer.contract" in sides["suite"].registry:
            runs["suite, contracts off"] = lambda number=number: _without_contracts(sides["suite"], number)
        show(f"Confirm an order of 5 lines, customer with {title}", paired(runs, options.rounds), "plain")


def _without_contracts(side, number):
    """Confirm with a gate that doesn't ask for contracts, to see what they cost."""
    orders = side.registry["sale.order"]
    asked = orders._contract_question
    orders._contract_question = lambda self, company_id: None
    try:
        return confirm(side, number)
    finally:
        orders._contract_question = asked


def profile_confirm(side):
    """Print the statements of one confirmation with their times, and the functions of the suite that take longest."""
    for number in (generate.FEW, generate.INVOICES, generate.ORDERS):
        for _round in range(WARM_UP):
            confirm(side, number)
        print(f"\nCustomer {number}")
        with side.request(generate.SALESPERSON) as env:
            execute, rows = type(env.cr).execute, []

            def timed(cursor, query, params=None, log_exceptions=True, execute=execute, rows=rows):
                started = time.perf_counter()
                result = execute(cursor, query, params, log_exceptions)
                rows.append((time.perf_counter() - started, " ".join(str(getattr(query, "code", query)).split())))
                return result

            type(env.cr).execute = timed
            try:
                env["sale.order"].browse(side.quotations[number]).action_confirm()
                env.cr.flush()
            finally:
                type(env.cr).execute = execute
            for seconds, query in rows:
                print(f"  {1000 * seconds:6.2f} ms  {query[:150]}")
        profiler = cProfile.Profile()
        for _round in range(20):
            with side.request(generate.SALESPERSON) as env:
                order = env["sale.order"].browse(side.quotations[number])
                profiler.enable()
                order.action_confirm()
                env.cr.flush()
                profiler.disable()
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(r"/addons/(sale_order_hold|customer_)", 30)


# All customers

def measure_exposure(sides, options):
    suite = sides["suite"]

    def engine():
        with suite.request() as env:
            customers = env["res.partner"].browse(ids)
            with Clock(env.cr) as clock:
                exposures = customers._credit_exposure(env.company)
            if len(exposures) != len(ids):
                raise ValueError("The engine left customers out.")
            return clock.sample

    def written():
        with suite.request() as env:
            with Clock(env.cr) as clock:
                floor.exposure(env, ids)
            return clock.sample

    ids = _customers(suite)
    _compare_figures(suite, ids)
    samples = paired({"floor": written, "suite": engine}, options.bulk_rounds)
    show(f"Exposure of all {len(ids):,} customers", samples, "floor")
    if "oca" in sides and options.customers <= 20000:
        oca = sides["oca"]
        runs = {
            "floor": written,
            "Odoo alone, credit": lambda: _read_all(sides["plain"], ids, ["credit"]),
            "with the OCA's": lambda: _read_all(oca, ids, ["risk_total"]),
        }
        show("The same by Odoo's and the OCA's fields", paired(runs, 1 if options.customers > 2000 else 3), "floor")


def measure_search(sides, options):
    """Customers over their limit."""
    suite = sides["suite"]

    def engine():
        with suite.request(generate.ACCOUNTANT) as env:
            partners = env["res.partner"]
            with Clock(env.cr) as clock:
                found["suite"] = set(partners.search([("credit_over_limit", "=", True), ("parent_id", "=", False)]).ids)
            return clock.sample

    def written():
        with suite.request() as env:
            with Clock(env.cr) as clock:
                found["floor"] = floor.over_limit(env)
            return clock.sample

    def oca():
        with sides["oca"].request(generate.ACCOUNTANT) as env:
            partners = env["res.partner"]
            with Clock(env.cr) as clock:
                found["oca"] = set(partners.search([("risk_exception", "=", True)]).ids)
            return clock.sample

    found = {}
    runs = {"floor": written, "suite": engine}
    samples = paired(runs, options.bulk_rounds)
    show("Search the customers over the limit", samples, "floor")
    print(f"  found: {len(found['floor'])} by hand-written SQL, {len(found['suite'])} by the suite")
    if "oca" in sides and options.customers <= 20000:
        show("The same by the OCA's field", paired({"floor": written, "oca": oca}, 1 if options.customers > 2000 else 3), "floor")
        print(f"  found: {len(found['oca'])} by the OCA's")


def _customers(side):
    with side.request() as env:
        return env["res.partner"].search([("ref", "=like", "C%"), ("parent_id", "=", False)]).ids


def _read_all(side, ids, names):
    with side.request(generate.ACCOUNTANT) as env:
        customers = env["res.partner"].browse(ids)
        with Clock(env.cr) as clock:
            for customer in customers:
                for name in names:
                    customer[name]
        return clock.sample


def _compare_figures(side, ids):
    """The engine and the hand-written query have to agree before their times are compared."""
    with side.request() as env:
        exposures = env["res.partner"].browse(ids)._credit_exposure(env.company)
        rows = floor.exposure(env, ids)
    wrong = [
        (partner_id, exposures[partner_id], rows.get(partner_id))
        for partner_id in ids
        if any(
            abs(have - float(want)) > 0.005
            for have, want in zip(_figures(exposures[partner_id]), rows.get(partner_id, (0, 0, 0, 0, 0)), strict=True)
        )
    ]
    print(f"\nFigures of {len(ids):,} customers compared with the hand-written query: {len(wrong)} differ")
    for row in wrong[:3]:
        print("  ", *row)


def _figures(exposure):
    return exposure.receivable, exposure.overdue, exposure.unapplied, exposure.draft_invoices, exposure.orders


# A list of customers

def measure_list(sides, options):
    """The list of customers as the web client asks for it: the columns of its view, 80 rows."""
    columns = {name: _columns(side) for name, side in sides.items()}
    runs = {name: lambda side=side, name=name: _list(side, columns[name][0]) for name, side in sides.items()}
    runs["suite, every column shown"] = lambda: _list(sides["suite"], columns["suite"][1])
    show("List of 80 customers", paired(runs, options.rounds), "plain")
    ours = sorted(set(columns["suite"][1]) - set(columns["plain"][1]))
    print(f"  columns of the suite: {', '.join(name + ('' if name in columns['suite'][0] else ' (hidden at first)') for name in ours)}")


def _columns(side):
    """Return the specification of the list view with the columns that are shown at first, and with all of them."""
    with side.request(generate.ACCOUNTANT) as env:
        view = env["res.partner"].get_views([(env.ref("base.view_partner_tree").id, "list")])
        arch = etree.fromstring(view["views"]["list"]["arch"])
        shown, every = {}, {}
        for node in arch.iter("field"):
            name = node.get("name")
            field = env["res.partner"]._fields[name]
            value = {"fields": {"display_name": {}}} if field.relational else {}
            every[name] = value
            if node.get("optional") != "hide":
                shown[name] = value
        return shown, every


def _list(side, specification):
    with side.request(generate.ACCOUNTANT) as env:
        partners = env["res.partner"]
        with Clock(env.cr) as clock:
            partners.web_search_read([("customer_rank", ">", 0)], specification, limit=80, count_limit=10001)
        return clock.sample


# Classes of all customers

def measure_tiering(sides, options):
    """One run of customer_tiering over all customers: computing the preview, with its lines written; then letting it take effect."""
    with sides["suite"].request() as env:
        if "customer.tier.run" not in env:
            print("\nTiering: customer_tiering is not installed in the database of the suite (prepare --addons).")
            return
    for basis in ("order", "invoice"):
        _measure_run(sides["suite"], basis, options)


def _measure_run(suite, basis, options):
    @contextmanager
    def run():
        with suite.request() as env:
            env.company.customer_sales_basis = basis
            scheme = env.ref("customer_tiering.customer_tier_scheme_retail")
            run = env["customer.tier.run"].create({"scheme_id": scheme.id, "company_id": env.company.id})
            env.flush_all()
            yield run

    def computed():
        with run() as record:
            with Clock(record.env.cr) as clock:
                record._compute_run()
                record.env.cr.flush()
            if record.customer_count != bought:
                raise ValueError(f"The run has {record.customer_count} customers.")
            return clock.sample

    def figures():
        with run() as record:
            with Clock(record.env.cr) as clock:
                record._figures(record.scheme_id, ids)
            return clock.sample

    def written():
        with run() as record:
            with Clock(record.env.cr) as clock:
                floor.tiering(record.env, ids, record.date_to)
            return clock.sample

    with run() as record:
        ids = record.scheme_id._customer_ids(record.company_id)
        bought = _compare_tiers(record, ids)
    runs = {"floor": written, "suite, the figures": figures, "suite, the whole preview": computed}
    show(f"A tiering run over {len(ids):,} customers, sales on {basis}s", paired(runs, options.bulk_rounds), "floor")
    with run() as record:
        tracemalloc.start()
        record._compute_run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"  memory at its highest while computing: {peak / 2**20:.0f} MiB")
    with run() as record:
        record._compute_run()
        record._start_applying()
        queries, batches, started = record.env.cr.sql_log_count, 1, time.perf_counter()
        while record._apply_batch():
            batches += 1
        record.env.cr.flush()
        queries, seconds = record.env.cr.sql_log_count - queries, time.perf_counter() - started
        print(f"  taking effect for the first time, everybody moves: {seconds:.1f} s, {batches} batches, {queries} statements")


def _compare_tiers(run, ids):
    """The run and the hand-written query have to agree before their times are compared; returns how many have bought."""
    found, rows = run._figures(run.scheme_id, ids), floor.tiering(run.env, ids, run.date_to)
    wrong = []
    for customer_id in ids:
        value, margin, leading, leading_margin, history, _months, orders, days = found[customer_id]
        want = [float(number or 0) for number in rows.get(customer_id, (None,) * 7)]
        have = [(value or 0) / 1e4, (margin or 0) / 1e4, (leading or 0) / 1e4, (leading_margin or 0) / 1e4, history or 0, orders or 0, days or 0]
        if any(abs(one - other) > 0.0101 for one, other in zip(have, want, strict=True)):
            wrong.append((customer_id, have, want))
    print(f"\nFigures of {len(ids):,} customers compared with the hand-written query: {len(wrong)} differ")
    for row in wrong[:3]:
        print("  ", *row)
    return len(rows)


# A night of warnings

def measure_night(sides, options):
    """All shipped rules of sales_warning over all customers: the figures alone, and the night that opens the cases."""
    suite = sides["suite"]
    if "warning.rule" not in suite.registry:
        print("\nNight: the database is without sales_warning (python3 bench prepare --again suite)")
        return
    with night.night(suite) as (_env, rules, customers):
        ids, names = customers.ids, {rule.id: night.rule_name(rule) for rule in rules}
    print(f"\nA night over {len(ids):,} customers, {len(names)} shipped rules")
    _compare_night(suite, ids)

    def written(names=night.RULES):
        with night.night(suite) as (env, _rules, _customers):
            floor_of = night.Floor(env, ids)
            with Clock(env.cr) as clock:
                for name in names:
                    getattr(floor_of, name)()
            return clock.sample

    def figures(only=None):
        with night.night(suite) as (env, rules, customers):
            with Clock(env.cr) as clock:
                for rule in rules.filtered(lambda rule: not only or names[rule.id] == only):
                    rule._evaluate(customers, env.company._customer_today() + night.DAY)
            return clock.sample

    def whole():
        with night.night(suite) as (env, rules, _customers):
            with Clock(env.cr) as clock:
                opened.append(night.run(env, rules))
            return clock.sample

    opened = []
    rounds = 1 if options.customers > 2000 else 5
    for name in night.RULES:
        show(f"The rule {name}", paired({"floor": lambda name=name: written([name]), "suite": lambda name=name: figures(name)}, rounds), "floor")
    show(
        "All rules, as in one night",
        paired({"floor": written, "suite, the figures": figures, "suite, with the cases": whole}, rounds),
        "floor",
    )
    print(f"  cases opened: {opened[-1]:,}")
    with night.night(suite) as (env, rules, _customers):
        tracemalloc.start()
        night.run(env, rules)
        print(f"  memory at its highest: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")
        tracemalloc.stop()


def _compare_night(suite, ids):
    """The rules and the hand-written statements have to agree before their times are compared."""
    with night.night(suite) as (env, rules, customers):
        floor_of = night.Floor(env, ids)
        for rule in rules:
            name = night.rule_name(rule)
            found = rule._evaluate(customers, env.company._customer_today() + night.DAY)
            wrong = night.differences(name, found, getattr(floor_of, name)())
            levels = Counter(level or "fine" for level, _reason, _figures in found.values())
            print(f"  {name:15} {len(found):7,} judged, {levels['amber']:6,} amber, {levels['red']:6,} red; {len(wrong)} differ")
            for row in list(wrong.items())[:3]:
                print("     ", *row)


# Scoring by figures

BATCH = 500
SCORED = {"draft": "scored", "submit": "scored and submitted"}


def measure_scoring(sides, options):
    """A run of evaluations over all customers, as the scheduled action makes it, beside reading the same figures."""
    suite = sides["suite"]
    if "customer.scorecard.run" not in suite.registry:
        print("\nScoring: the database is without customer_scorecard (python3 bench prepare --again suite)")
        return
    ids = _customers(suite)
    # First, while the process has not held what the other measurements need.
    memory = _memory_by_batches(suite)
    batches = {}
    runs = {
        "the figures alone": lambda: _read_figures(suite, ids),
        **{title: lambda after=after, title=title: _score_all(suite, after, batches, title) for after, title in SCORED.items()},
    }
    title = f"Score all {len(ids):,} customers by {len(scoring.CRITERIA)} figures, in batches of {BATCH}"
    samples = paired(runs, 1 if options.customers > 2000 else 3)
    show(title, samples, "the figures alone")
    for name, rows in samples.items():
        cpu = "" if rows[0].cpu is None else f", {_median(rows, 'cpu') / len(ids):.2f} s of processor time"
        print(f"  {name}, for 1,000 customers: {_median(rows, 'seconds') / len(ids):.2f} s{cpu}")
    for name, counts in batches.items():
        print(f"  {name}, statements of the full batches: {', '.join(map(str, sorted(counts)))}")
    for after, name in SCORED.items():
        for size in (BATCH, 2 * BATCH):
            print(f"  {name}, statements of a batch of {size:5,}: {_statements(suite, after, size)}")
    print(f"  scored and submitted, peak of the memory: {memory}")


def _read_figures(side, ids):
    samples = []
    with side.request(generate.ACCOUNTANT) as env:
        for start in range(0, len(ids), BATCH):
            customers = env["res.partner"].browse(ids[start : start + BATCH])
            with Clock(env.cr) as clock:
                env["customer.metric"]._values(customers, list(scoring.CRITERIA), months=scoring.MONTHS)
                scoring.commit(env)
            samples.append(clock.sample)
    return _total(samples)


def _score_all(side, after, batches, title):
    """Score all customers, remember the numbers of statements of full batches, and return the Sample of all batches."""
    samples, made = [], []
    with side.request(generate.ACCOUNTANT) as env:
        run = scoring.run(env, after)
        while run.state == "running":
            with Clock(env.cr) as clock:
                made.append(run._step(BATCH))
                scoring.commit(env)
            samples.append(clock.sample)
        cards = env["customer.scorecard"].sudo().search([("run_id", "=", run.id)])
        if len(cards) != run.total or not all(cards.mapped("score_known")):
            raise ValueError(f"{run.total} customers have {len(cards)} evaluations, some perhaps without a score.")
    # The first one also reads what stays in the registry's caches.
    batches[title] = {sample.queries for sample, count in zip(samples[1:], made[1:], strict=True) if count == BATCH}
    return _total(samples)


def _total(samples):
    cpu = [sample.cpu for sample in samples]
    return Sample(
        sum(sample.seconds for sample in samples),
        sum(sample.queries for sample in samples),
        None if None in cpu else sum(cpu),
    )


def _statements(side, after, size):
    """Return in words how many statements one batch needs."""
    kinds = Counter()
    with side.request(generate.ACCOUNTANT) as env:
        run = scoring.run(env, after)
        run._step(10)
        scoring.commit(env)
        execute = type(env.cr).execute

        def counted(cursor, query, params=None, log_exceptions=True):
            kinds[str(getattr(query, "code", query)).split()[0].upper()] += 1
            return execute(cursor, query, params, log_exceptions)

        type(env.cr).execute = counted
        try:
            done = run._step(size)
            scoring.commit(env)
        finally:
            type(env.cr).execute = execute
    writing = kinds["INSERT"] + kinds["UPDATE"]
    words = f"{kinds.total()}: {writing} that write rows, by the hundred, and {kinds.total() - writing} others"
    return words if done == size else f"{words} (only {done:,} customers)"


def _memory_by_batches(side):
    """Return in words how the memory of the process grows while all customers are scored and submitted."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _memory("VmRSS")
    peaks = []
    with side.request(generate.ACCOUNTANT) as env:
        run = scoring.run(env, "submit")
        while run.state == "running":
            run._step(BATCH)
            scoring.commit(env)
            peaks.append(_memory("VmHWM") - before)
    shown = [2**power for power in range(len(peaks).bit_length()) if 2**power < len(peaks)] + [len(peaks)]
    return f"{before} MB before; " + ", ".join(f"+{peaks[number - 1]} MB after {number}" for number in shown) + " batches"


def _memory(name):
    """Return a figure of /proc/self/status, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) // 1024
    raise ValueError(f"The system doesn't tell {name}.")


# What policies would have held

SIMULATED_DAYS = 15


def measure_simulation(sides, options):
    """A simulation over the orders of twelve months, batch by batch as its scheduled action makes it."""
    suite = sides["suite"]
    if "credit.simulation" not in suite.registry:
        print("\nSimulation: the database is without it (python3 bench prepare --again suite)")
        return
    found = {}

    def engine():
        with suite.request() as env:
            simulation = _simulation(env)
            with Clock(env.cr) as clock:
                together = simulation._used_together()
                steps = 0
                while simulation.state == "running":
                    simulation._step(None, together)
                    env.cr.flush()
                    env.cr.clear()
                    steps += 1
            found["suite"] = {
                line.order_id.id: (float(line.exposure), float(line.overdue_days)) for line in simulation.line_ids if line.held
            }
            found["orders"], found["steps"], found["late"] = simulation.orders, steps, simulation.held_late
            return clock.sample

    def written():
        with suite.request() as env:
            simulation = _simulation(env)
            start, end = simulation._period()
            with Clock(env.cr) as clock:
                found["floor"] = floor.simulated(env, start, end, SIMULATED_DAYS)
            return clock.sample

    samples = paired({"floor": written, "suite": engine}, options.bulk_rounds if options.customers <= 2000 else 5)
    show(f"Simulate two sets of policies on {found['orders']:,} orders of 12 months", samples, "floor")
    written_ids, ids = set(found["floor"]), set(found["suite"])
    differing = [
        order_id
        for order_id in written_ids & ids
        if abs(float(found["floor"][order_id][0]) - found["suite"][order_id][0]) > 0.015
    ]
    late = sum(1 for row in found["floor"].values() if (row[3] or 0) > 0)
    print(
        f"  held: {len(written_ids):,} by hand-written SQL, {len(ids):,} by the suite, {len(written_ids ^ ids)} differ, "
        f"{len(differing)} with another exposure; paid late: {late:,} and {found['late']:,}; batches: {found['steps'] - 1}"
    )


def _simulation(env):
    """Return a simulation that was started: over the limit, or overdue for some days; nothing else is checked."""
    simulation = env["credit.simulation"].create({"name": "Bench"})
    for rule in simulation.rule_ids:
        rule.level = "hold" if rule.check in ("excess", "overdue") else "off"
        rule.days = SIMULATED_DAYS if rule.check == "overdue" else rule.days
    simulation.action_start()
    env.flush_all()
    return simulation


# Contracts

def measure_contracts(sides, options):
    """The list of contracts, what the gate asks for, and the nightly jobs."""
    suite = sides["suite"]
    if "dealer.contract" not in suite.registry:
        print("\nContracts: dealer_contracts is not installed in the database of the suite (prepare --addons).")
        return
    with suite.request() as env:
        total = env["dealer.contract"].search_count([])
        ids = env["res.partner"].search([("ref", "=like", "C%"), ("parent_id", "=", False)], limit=500).ids
    columns = _contract_columns(suite)

    def rows(model, specification, limit):
        with suite.request(generate.ACCOUNTANT) as env:
            with Clock(env.cr) as clock:
                env[model].web_search_read([], specification, limit=limit, count_limit=10001)
            return clock.sample

    named = {"fields": {"display_name": {}}}
    orders = {"name": {}, "partner_id": named, "user_id": named, "amount_total": {}, "state": {}}
    show(f"List of {total:,} contracts", paired({
        "80 of Odoo's quotations": lambda: rows("sale.order", orders, 80),
        "80 contracts": lambda: rows("dealer.contract", columns, 80),
        "160 contracts": lambda: rows("dealer.contract", columns, 160),
    }, options.rounds), "80 of Odoo's quotations")

    def asked(function, count):
        def run():
            with suite.request() as env:
                with Clock(env.cr) as clock:
                    function(env, ids[:count])
                return clock.sample
        return run

    def standings(env, customers):
        day = date.today()
        model = env["dealer.contract"]
        found, _areas = model._standings(model._standings_question(env.company.id, customers, day, customers))
        if len(found) != len(customers):
            raise ValueError(f"Contracts of {len(found)} customers were found.")

    for count in (1, 250, 500):
        runs = {"floor": asked(contracts.standing_floor, count), "suite": asked(standings, count)}
        show(f"What the gate asks for, {count} customers", paired(runs, options.rounds), "floor")
    for title, job in (("expiry", "_cron_states"), ("reminders", "_cron_reminders")):
        for count in (0, 500, 1000):
            runs = {f"{count} due": lambda count=count, job=job: _contract_job(suite, job, count)}
            show(f"Nightly {title} over {total:,} contracts, {count} end today", paired(runs, options.bulk_rounds), f"{count} due")


def _contract_job(side, name, count):
    jobs = side.registry["ir.cron"]
    commit = jobs._commit_progress
    jobs._commit_progress = lambda self, *_args, **_kwargs: scoring.commit(self.env)
    try:
        with side.request() as env:
            contracts.due(env, count)
            with Clock(env.cr) as clock:
                getattr(env["dealer.contract"], name)()
                env.cr.flush()
            return clock.sample
    finally:
        jobs._commit_progress = commit


def _contract_columns(side):
    with side.request(generate.ACCOUNTANT) as env:
        contract = env["dealer.contract"]
        arch = etree.fromstring(contract.get_views([(False, "list")])["views"]["list"]["arch"])
        return {
            name: {"fields": {"display_name": {}}} if contract._fields[name].relational else {}
            for name in (node.get("name") for node in arch.iter("field") if node.get("optional") != "hide")
        }


MEASUREMENTS = {
    "confirm": measure_confirm,
    "contracts": measure_contracts,
    "exposure": measure_exposure,
    "search": measure_search,
    "list": measure_list,
    "tiering": measure_tiering,
    "scoring": measure_scoring,
    "night": measure_night,
    "simulation": measure_simulation,
}
