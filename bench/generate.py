"""Fill a database with customers, invoices, payments and orders by set-based SQL.

A handful of prototypes is made by Odoo itself; every other row is a copy of a prototype's row with some columns
replaced, so whatever columns an addon or an update of Odoo adds are filled as Odoo fills them. check.py proves
the outcome with Odoo's own figures.

Customer number n (1, 2, ...) has ten invoices (k = 0..9) and five orders (j = 0..4):

  k 0-2     the invoices of orders 0-2, paid; that of order 2 is for six of ten pieces
  k 3-5     paid
  k 6       half paid, due
  k 7       paid; not paid and overdue for every fourth customer
  k 8-9     not paid, not due
  j 0-2     confirmed, delivered, invoiced (order 2 in part)
  j 3       confirmed, three lines, nothing invoiced; by turns products invoiced on order and on delivery
  j 4       a quotation of three lines

Beside that, some customers have two contacts (every fifth; every second document is theirs), documents in a foreign
currency (every tenth), a credit note (every twentieth), a payment that pays nothing yet (every twentieth), a draft
invoice (every fiftieth). Three customers are measured: one is like the others, one has 2,000 open invoices, one has
500 open orders. They are late with nothing, and each of the three has a quotation of five lines.
"""

from contextlib import contextmanager
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

FEW, INVOICES, ORDERS = 6, 2, 4
"""Numbers of the customers that are measured: few documents, many open invoices, many open orders."""
MANY_INVOICES, MANY_ORDERS = 2000, 500
SALESPERSON, ACCOUNTANT = "bench_salesperson", "bench_accountant"
REF = "C"
"""What the references of the customers begin with."""
RATE = 0.91
TAX = 0.15


def generate(env, customers, say):
    """Fill the database of ``env``; it has to be empty but for the chart of accounts.

    :param int customers: how many, at least 10
    :param say: called with a line of progress
    """
    if env["sale.order"].search_count([], limit=1):
        raise ValueError("This database has orders already.")
    say("Prototypes")
    proto = Prototypes(env)
    env.flush_all()
    filler = Filler(env, customers, proto, say)
    with filler.quick():
        filler.fill()
    env.invalidate_all()
    env.registry.clear_cache()
    say("Quotations to confirm")
    _quotations(env, proto)


def customer(env, number):
    """Return the customer of this number."""
    return env["res.partner"].search([("ref", "=", _ref(number)), ("parent_id", "=", False)])


def quotation(env, number):
    """Return the quotation of five lines of one of the customers that are measured."""
    return env["sale.order"].search([("client_order_ref", "=", f"bench {number}")])


def copy_rows(cr, table, columns, rest, parameters=()):
    """Insert copies of rows of a table, ``proto``, with some ``columns`` replaced; return the new ids, if it has any.

    All is SQL with its % doubled. Ids are drawn from the table's sequence, or go on after those of ``columns``.

    :param dict columns: {name: expression}; names that the table doesn't have are passed over
    :param str rest: what follows "FROM table proto": joins that multiply, and the condition
    """
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table])
    has = {name for (name,) in cr.fetchall()}
    names = sorted(has if "id" in columns else has - {"id"})
    values = [columns.get(name, f'proto."{name}"') for name in names]
    cr.execute(
        f"""
        INSERT INTO "{table}" ({", ".join(f'"{name}"' for name in names)})
             SELECT {", ".join(values)} FROM "{table}" proto {rest}
          {"RETURNING id" if "id" in has else ""}
        """,
        list(parameters),
    )
    ids = [row[0] for row in cr.fetchall()] if "id" in has else []
    if "id" in columns:
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    return ids


def _ref(number):
    return f"{REF}{number:07d}"


def _quotations(env, proto):
    user = env["res.users"].search([("login", "=", SALESPERSON)])
    for number in (FEW, INVOICES, ORDERS):
        env["sale.order"].with_user(user).create({
            "partner_id": customer(env, number).id,
            "client_order_ref": f"bench {number}",
            "order_line": [
                Command.create({"product_id": product.id, "product_uom_qty": 2, "price_unit": 100})
                for product in proto.products[:5]
            ],
        })


class Prototypes:
    """Records made by the ORM, one of each kind."""

    def __init__(self, env):
        self.env = env
        self.company = env.company
        self.tax = self.company.account_sale_tax_id
        self.foreign = self._currency()
        self.pricelist = env["product.pricelist"].create({"name": "Foreign", "currency_id": self.foreign.id})
        self.products = self._products()
        self._users()
        self.customer = env["res.partner"].create({
            "name": "Prototype", "ref": _ref(0), "is_company": True, "customer_rank": 1, "email": "c@example.com",
        })
        self.contact = env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id})
        self.order = self._order(1)
        self.order.action_confirm()
        self.order.order_line.qty_delivered = 10
        self.invoice = self.order._create_invoices()
        self.invoice.action_post()
        self.payment = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({})._create_payments()
        self.refund = self.invoice.copy({"move_type": "out_refund"})
        self.refund.invoice_date = fields.Date.today()
        self.refund.action_post()
        self.draft = self.invoice.copy({"invoice_date": fields.Date.today()})
        self.open_order = self._order(3)
        self.open_order.action_confirm()
        self.quotation = self._order(3)

    def _currency(self):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        currency.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create({
            "currency_id": currency.id,
            "company_id": self.company.id,
            "name": fields.Date.today() - timedelta(days=1000),
            "rate": RATE,
        })
        return currency

    def _products(self):
        return self.env["product.product"].create([
            {
                "name": f"Product {number}",
                "type": "consu",
                "list_price": 20 + number,
                "standard_price": 12,
                "taxes_id": [Command.set(self.tax.ids)],
                "invoice_policy": "delivery" if number % 2 else "order",
            }
            for number in range(20)
        ])

    def _users(self):
        base = ["base.group_user", "base.group_partner_manager"]
        for login, groups in (
            (SALESPERSON, ["sales_team.group_sale_salesman"]),
            (ACCOUNTANT, ["sales_team.group_sale_salesman_all_leads", "account.group_account_manager"]),
        ):
            self.env["res.users"].create({
                "name": login,
                "login": login,
                "email": f"{login}@example.com",
                "group_ids": [Command.set([self.env.ref(name).id for name in base + groups])],
            })

    def _order(self, lines):
        return self.env["sale.order"].create({
            "partner_id": self.customer.id,
            "order_line": [
                Command.create({"product_id": self.products[0].id, "product_uom_qty": 10, "price_unit": 20})
                for _line in range(lines)
            ],
        })


class Filler:
    """Copies the prototypes; works through the connection of ``env``."""

    TABLES = (
        "res_partner", "account_move", "account_move_line", "account_payment", "account_partial_reconcile",
        "account_full_reconcile", "sale_order", "sale_order_line",
    )

    def __init__(self, env, customers, proto, say):
        self.env = env
        self.cr = env.cr
        self.customers = customers
        self.proto = proto
        self.say = say
        self.columns = {}

    def fill(self):
        self.say(f"{self.customers:,} customers")
        self._plan_customers()
        self._fill_customers()
        self.say("Plan of orders, invoices and payments")
        self._plan_orders()
        self._plan_invoices()
        self._plan_payments()
        self.say("Orders")
        self._fill_orders()
        self.say("Invoices")
        for kind, proto in (("invoice", self.proto.invoice), ("refund", self.proto.refund), ("draft", self.proto.draft)):
            self._fill_invoices(kind, proto)
        self.say("Payments")
        self._fill_payments()

    # Plans: one temporary table per kind of document, with the ids that its rows will have

    def _plan_customers(self):
        self._plan("bench_customer", SQL(
            """
            SELECT n, %(partner)s + n AS id,
                   CASE WHEN n %% 5 = 0 THEN %(partner)s + %(count)s + 2 * (n / 5) - 1 END AS contact
              FROM generate_series(1, %(count)s) AS n
            """,
            partner=self._last_id("res_partner"), count=self.customers,
        ))

    def _plan_orders(self):
        """Columns: j, confirmed, lines, ids, money in the currency of the order."""
        self._plan("bench_order", SQL(
            """
            WITH numbered AS (
                SELECT c.n, c.id AS customer, j, row_number() OVER (ORDER BY 5 * c.n + j) AS r,
                       CASE WHEN j %% 2 = 1 AND contact IS NOT NULL THEN contact ELSE c.id END AS partner,
                       j %% 2 = 1 AND c.n %% 10 = 3 AS abroad,
                       j <> 4 AS confirmed,
                       CASE WHEN j < 3 THEN 1 ELSE 3 END AS lines,
                       CASE WHEN j < 3 THEN 10 ELSE 5 END AS quantity,
                       20 * (1 + (c.n * 7 + j * 13) %% 50) AS price,
                       CASE WHEN j < 3 THEN 10 ELSE 0 END AS delivered,
                       CASE WHEN j < 2 THEN 10 WHEN j = 2 THEN 6 ELSE 0 END AS invoiced,
                       (c.n + j) %% 20 AS product,
                       now() AT TIME ZONE 'UTC' - make_interval(days =>
                           CASE WHEN j < 3 THEN 330 - 30 * j ELSE j %% 7 END + c.n %% 30) AS date
                  FROM bench_customer c
                 CROSS JOIN generate_series(0, 4 + %(many)s) AS j
                 WHERE j < 5 OR c.n = %(orders)s
            )
            SELECT *, %(order)s + r AS id, %(line)s + 3 * r AS line, lines * quantity * price AS untaxed,
                   CASE WHEN NOT confirmed THEN 0
                        WHEN product %% 2 = 0 THEN quantity - invoiced
                        ELSE delivered - invoiced END AS to_invoice
              FROM numbered
            """,
            many=MANY_ORDERS, orders=ORDERS, order=self._last_id("sale_order"), line=self._last_id("sale_order_line"),
        ))

    def _plan_invoices(self):
        """Columns: k, kind, sign, ids, money in the currency of the invoice and (``company_``) of the company."""
        self._plan("bench_invoice", SQL(
            """
            WITH documents AS (
                SELECT c.n, c.id AS customer, k, CASE k WHEN 10 THEN 'refund' WHEN 11 THEN 'draft' ELSE 'invoice' END AS kind,
                       CASE WHEN k %% 2 = 1 AND contact IS NOT NULL THEN contact ELSE c.id END AS partner,
                       k %% 2 = 1 AND c.n %% 10 = 3 AND k < 10 AS abroad,
                       CASE WHEN k = 2 THEN 6 ELSE 10 END AS quantity,
                       20 * (1 + (c.n * 7 + k * 13) %% 50) AS price,
                       (c.n + k) %% 20 AS product,
                       current_date - CASE WHEN k < 8 THEN 300 - 30 * k + c.n %% 30 ELSE (c.n + k) %% 25 END AS date,
                       CASE WHEN k < 6 OR (k = 7 AND c.n %% 4 <> 0) OR (k < 8 AND c.n IN (%(few)s, %(invoices)s, %(orders)s))
                            THEN 1.0 WHEN k = 6 THEN 0.5 ELSE 0.0 END AS share
                  FROM bench_customer c
                 CROSS JOIN generate_series(0, 11 + %(many)s) AS k
                 WHERE k < 10 OR (k = 10 AND c.n %% 20 = 7) OR (k = 11 AND c.n %% 50 = 9) OR (k > 11 AND c.n = %(invoices)s)
            ), numbered AS (
                SELECT *, row_number() OVER (ORDER BY n, k) AS r,
                       row_number() OVER (PARTITION BY kind, date_part('year', date) ORDER BY date, n, k) AS number,
                       date + 30 AS due,
                       CASE kind WHEN 'refund' THEN -1 ELSE 1 END AS sign,
                       quantity * price AS untaxed, quantity * price * %(tax)s AS tax,
                       CASE WHEN abroad THEN %(rate)s ELSE 1.0 END AS rate
                  FROM documents
            ), valued AS (
                SELECT *, untaxed + tax AS total, round((untaxed + tax) * share, 2) AS paid,
                       round(untaxed / rate, 2) AS company_untaxed, round(tax / rate, 2) AS company_tax
                  FROM numbered
            ), balanced AS (
                SELECT *, company_untaxed + company_tax AS company_total,
                       CASE share WHEN 1 THEN company_untaxed + company_tax ELSE round(paid / rate, 2) END AS company_paid
                  FROM valued
            )
            SELECT i.*, %(move)s + i.r AS id, %(line)s + 3 * i.r AS line,
                   CASE i.kind WHEN 'refund' THEN 'RINV/' ELSE 'INV/' END || date_part('year', i.date) || '/' AS prefix,
                   o.id AS order_id, o.line AS order_line, 'S' || lpad(o.id::text, 7, '0') AS order_name
              FROM balanced i
              LEFT JOIN bench_order o ON o.n = i.n AND o.j = i.k AND i.k < 3
            """,
            many=MANY_INVOICES, few=FEW, invoices=INVOICES, orders=ORDERS, tax=self._numeric(TAX), rate=self._numeric(RATE),
            move=self._last_id("account_move"), line=self._last_id("account_move_line"),
        ))

    def _plan_payments(self):
        """One payment per invoice that is paid at all, and some that pay nothing yet."""
        self._plan("bench_payment", SQL(
            """
            WITH payments AS (
                SELECT n, k, customer, partner, abroad, rate, kind, paid AS amount, company_paid AS company_amount,
                       id AS invoice, line + 2 AS invoice_line, share = 1 AS entirely,
                       LEAST(GREATEST(date, due + (n * 7 + k * 3) %% 45 - 20), current_date) AS date, date AS invoice_date
                  FROM bench_invoice
                 WHERE paid > 0
                 UNION ALL
                SELECT n, 99, id, id, false, 1, 'unapplied', 500, 500, NULL, NULL, false, current_date - n %% 30, NULL
                  FROM bench_customer
                 WHERE n %% 20 = 11
            ), numbered AS (
                SELECT *, row_number() OVER (ORDER BY n, k) AS r,
                       row_number() OVER (PARTITION BY date_part('year', date) ORDER BY date, n, k) AS number,
                       sum(CASE WHEN entirely THEN 1 ELSE 0 END) OVER (ORDER BY n, k) AS full_number
                  FROM payments
            )
            SELECT *, %(payment)s + r AS id, %(move)s + r AS move, %(line)s + 2 * r AS line,
                   CASE WHEN invoice IS NOT NULL THEN %(partial)s + r END AS partial,
                   CASE WHEN entirely THEN %(full)s + full_number END AS full,
                   'PBNK1/' || date_part('year', date) || '/' AS prefix
              FROM numbered
            """,
            payment=self._last_id("account_payment"),
            move=self._last_id("account_move", "bench_invoice"),
            line=self._last_id("account_move_line", "bench_invoice", 3),
            partial=self._last_id("account_partial_reconcile"),
            full=self._last_id("account_full_reconcile"),
        ))
        # What an invoice needs to know about its payment.
        self._plan("bench_paid", SQL("SELECT invoice, partial, \"full\" FROM bench_payment WHERE invoice IS NOT NULL"), "invoice")

    # Rows

    def _fill_customers(self):
        name = "'Customer ' || lpad(n::text, 7, '0')"
        self._copy("res_partner", self.proto.customer.id, "bench_customer b", {
            "id": "b.id",
            "name": name,
            "complete_name": name,
            "commercial_company_name": name,
            "ref": "'C' || lpad(n::text, 7, '0')",
            "commercial_partner_id": "b.id",
            "credit_limit": f"""jsonb_build_object('{self.proto.company.id}', CASE WHEN n IN ({FEW}, {INVOICES}, {ORDERS})
                THEN 100000000 ELSE 20000 + n %% 10 * 5000 END)""",
        })
        for number in (1, 2):
            contact = f"'Contact {number}'"
            self._copy("res_partner", self.proto.contact.id, "bench_customer b", {
                "id": f"b.contact + {number - 1}",
                "name": contact,
                "complete_name": f"{name} || ', ' || {contact}",
                "commercial_company_name": name,
                "parent_id": "b.id",
                "commercial_partner_id": "b.id",
            }, "b.contact IS NOT NULL")

    def _fill_orders(self):
        tax = TAX
        for confirmed, proto in ((True, self.proto.open_order), (False, self.proto.quotation)):
            which = "confirmed" if confirmed else "NOT confirmed"
            self._copy("sale_order", proto.id, "bench_order b", {
                "id": "b.id",
                "name": "'S' || lpad(b.id::text, 7, '0')",
                "partner_id": "partner",
                "partner_invoice_id": "partner",
                "partner_shipping_id": "partner",
                "date_order": "b.date",
                "create_date": "b.date",
                "currency_id": self._currency_column(),
                "pricelist_id": f"CASE WHEN abroad THEN {self.proto.pricelist.id} ELSE (proto).pricelist_id END",
                "currency_rate": f"CASE WHEN abroad THEN {RATE} ELSE 1 END",
                "amount_untaxed": "untaxed",
                "amount_tax": f"untaxed * {tax}",
                "amount_total": f"untaxed * {1 + tax}",
                "invoice_status": "CASE WHEN to_invoice > 0 THEN 'to invoice' WHEN NOT confirmed OR invoiced = 0 THEN 'no' ELSE 'invoiced' END",
                "margin": "untaxed - 12.0 * lines * quantity",
                "margin_percent": "(untaxed - 12.0 * lines * quantity) / untaxed",
                "access_token": "NULL",
            }, which)
            line = "quantity * price"
            lines = "bench_order b CROSS JOIN LATERAL generate_series(0, lines - 1) AS l JOIN bench_product p ON p.number = product"
            self._copy("sale_order_line", proto.order_line[0].id, lines, {
                "id": "line + l",
                "order_id": "b.id",
                "order_partner_id": "partner",
                "product_id": "p.id",
                "name": "p.name",
                "currency_id": self._currency_column(),
                "product_uom_qty": "quantity",
                "price_unit": "price",
                "technical_price_unit": "price",
                "price_subtotal": line,
                "price_tax": f"{line} * {tax}",
                "price_total": f"{line} * {1 + tax}",
                "price_reduce_taxexcl": "price",
                "price_reduce_taxinc": f"price * {1 + tax}",
                "qty_delivered": "delivered",
                "qty_invoiced": "invoiced",
                "qty_to_invoice": "to_invoice",
                "untaxed_amount_invoiced": "invoiced * price",
                "untaxed_amount_to_invoice": """CASE WHEN NOT confirmed THEN 0
                    ELSE (CASE WHEN product %% 2 = 0 THEN quantity ELSE delivered END - invoiced) * price END""",
                "invoice_status": "CASE WHEN to_invoice > 0 THEN 'to invoice' WHEN NOT confirmed OR invoiced = 0 THEN 'no' ELSE 'invoiced' END",
                "margin": f"{line} - 12.0 * quantity",
                "purchase_price": "12",
                "margin_percent": f"({line} - 12.0 * quantity) / ({line})",
            }, which)
            self._copy_relation("account_tax_sale_order_line_rel", "sale_order_line_id", proto.order_line[0].id, "line + l", lines, which)

    def _fill_invoices(self, kind, proto):
        product, tax, receivable = (
            proto.line_ids.filtered(lambda line, kind=kind: line.display_type == kind)
            for kind in ("product", "tax", "payment_term")
        )
        source = """(SELECT i.*, pay.partial, pay."full", CASE kind WHEN 'draft' THEN NULL ELSE prefix || lpad(number::text, 7, '0') END AS name
            FROM bench_invoice i LEFT JOIN bench_paid pay ON pay.invoice = i.id) b JOIN bench_product p ON p.number = product"""
        which = f"kind = '{kind}'"
        draft = kind == "draft"
        sequence = {} if draft else {
            "sequence_prefix": "prefix", "sequence_number": "b.number", "payment_reference": "b.name" if kind == "invoice" else "NULL",
        }
        self._copy("account_move", proto.id, source, {
            "id": "b.id",
            "name": "b.name",
            "ref": "order_name",
            "invoice_origin": "order_name",
            "partner_id": "partner",
            "commercial_partner_id": "customer",
            "partner_shipping_id": "partner",
            "invoice_partner_display_name": "'Customer ' || lpad(n::text, 7, '0') || CASE WHEN partner <> customer THEN ', Contact 1' ELSE '' END",
            "date": "b.date",
            "invoice_date": "b.date",
            "invoice_date_due": "due",
            "create_date": "b.date",
            "currency_id": self._currency_column(),
            "invoice_currency_rate": "rate",
            "amount_untaxed": "untaxed",
            "amount_tax": "tax",
            "amount_total": "total",
            "amount_residual": "total - paid",
            "amount_untaxed_in_currency_signed": "sign * untaxed",
            "amount_total_in_currency_signed": "sign * total",
            "amount_untaxed_signed": "sign * company_untaxed",
            "amount_tax_signed": "sign * company_tax",
            "amount_total_signed": "sign * company_total",
            "amount_residual_signed": "sign * (company_total - company_paid)",
            "payment_state": "CASE share WHEN 1 THEN 'paid' WHEN 0 THEN 'not_paid' ELSE 'partial' END",
            "reversed_entry_id": "NULL",
            "access_token": "NULL",
            **sequence,
        }, which)
        common = {
            "move_id": "b.id",
            "move_name": "b.name",
            "ref": "order_name",
            "partner_id": "customer",
            "date": "b.date",
            "invoice_date": "b.date",
            "create_date": "b.date",
            "currency_id": self._currency_column(),
        }
        amounts = self._amounts
        self._copy("account_move_line", product.id, source, {
            **common, **amounts("-sign * company_untaxed", "-sign * untaxed"),
            "id": "line", "product_id": "p.id", "name": "p.name", "quantity": "quantity", "price_unit": "price",
            "price_subtotal": "untaxed", "price_total": "total",
        }, which)
        self._copy("account_move_line", tax.id, source, {
            **common, **amounts("-sign * company_tax", "-sign * tax"), "id": "line + 1", "tax_base_amount": "-sign * company_untaxed",
        }, which)
        self._copy("account_move_line", receivable.id, source, {
            **common, **amounts("sign * company_total", "sign * total"),
            "id": "line + 2",
            "name": "CASE WHEN order_name IS NULL THEN b.name ELSE order_name || ' - ' || b.name END",
            "date_maturity": "due",
            "amount_residual": "sign * (company_total - company_paid)",
            "amount_residual_currency": "sign * (total - paid)",
            "reconciled": "share = 1",
            "full_reconcile_id": '"full"',
            "matching_number": """CASE WHEN "full" IS NOT NULL THEN "full"::text WHEN partial IS NOT NULL THEN 'P' || partial END""",
        }, which)
        for record, column in ((product, "line"), (tax, "line + 1"), (receivable, "line + 2")):
            for relation in ("account_move_line_account_tax_rel", "account_account_tag_account_move_line_rel"):
                self._copy_relation(relation, "account_move_line_id", record.id, column, source, which)
        if kind == "invoice":
            self.cr.execute("""
                INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
                SELECT order_line, line FROM bench_invoice WHERE order_line IS NOT NULL
            """)

    def _fill_payments(self):
        move = self.proto.payment.move_id
        bank, receivable = (
            move.line_ids.filtered(lambda line, wanted=wanted: (line.account_id == self.proto.payment.destination_account_id) == wanted)
            for wanted in (False, True)
        )
        source = "(SELECT *, prefix || lpad(number::text, 7, '0') AS name FROM bench_payment) b"
        self._copy("account_payment", self.proto.payment.id, source, {
            "id": "b.id",
            "name": "b.name",
            "memo": "b.name",
            "move_id": "move",
            "partner_id": "customer",
            "currency_id": self._currency_column(),
            "date": "b.date",
            "create_date": "b.date",
            "amount": "b.amount",
            "amount_company_currency_signed": "company_amount",
            "is_reconciled": "invoice IS NOT NULL",
            "state": "CASE WHEN entirely THEN 'paid' ELSE 'in_process' END",
        })
        self._copy("account_move", move.id, source, {
            "id": "move",
            "origin_payment_id": "b.id",
            "name": "b.name",
            "ref": "b.name",
            "sequence_prefix": "prefix",
            "sequence_number": "b.number",
            "partner_id": "customer",
            "commercial_partner_id": "customer",
            "invoice_partner_display_name": "'Customer ' || lpad(n::text, 7, '0')",
            "date": "b.date",
            "invoice_date_due": "b.date",
            "create_date": "b.date",
            "currency_id": self._currency_column(),
            "amount_total": "b.amount",
            "amount_total_signed": "company_amount",
            "amount_total_in_currency_signed": "b.amount",
        })
        common = {
            "move_id": "move",
            "move_name": "b.name",
            "ref": "b.name",
            "partner_id": "customer",
            "payment_id": "b.id",
            "date": "b.date",
            "date_maturity": "b.date",
            "create_date": "b.date",
            "currency_id": self._currency_column(),
            "name": "'Payment ' || b.name",
        }
        self._copy("account_move_line", bank.id, source, {
            **common, **self._amounts("company_amount", "b.amount"), "id": "line",
            "amount_residual": "company_amount", "amount_residual_currency": "b.amount",
            "price_subtotal": "b.amount", "price_total": "b.amount",
        })
        self._copy("account_move_line", receivable.id, source, {
            **common, **self._amounts("-company_amount", "-b.amount"), "id": "line + 1",
            "amount_residual": "CASE WHEN invoice IS NULL THEN -company_amount ELSE 0 END",
            "amount_residual_currency": "CASE WHEN invoice IS NULL THEN -b.amount ELSE 0 END",
            "reconciled": "invoice IS NOT NULL",
            "full_reconcile_id": '"full"',
            "matching_number": """CASE WHEN "full" IS NOT NULL THEN "full"::text WHEN partial IS NOT NULL THEN 'P' || partial END""",
            "price_subtotal": "-b.amount", "price_total": "-b.amount",
        })
        partial = self.proto.invoice.line_ids.matched_credit_ids
        self._copy("account_full_reconcile", partial.full_reconcile_id.id, source, {"id": '"full"'}, '"full" IS NOT NULL')
        self._copy("account_partial_reconcile", partial.id, source, {
            "id": "partial",
            "debit_move_id": "invoice_line",
            "credit_move_id": "line + 1",
            "full_reconcile_id": '"full"',
            "debit_currency_id": self._currency_column(),
            "credit_currency_id": self._currency_column(),
            "amount": "company_amount",
            "debit_amount_currency": "b.amount",
            "credit_amount_currency": "b.amount",
            "max_date": "GREATEST(b.date, invoice_date)",
            "create_date": "b.date",
        }, "partial IS NOT NULL")
        self.cr.execute("""
            INSERT INTO account_move__account_payment (invoice_id, payment_id)
            SELECT invoice, id FROM bench_payment WHERE invoice IS NOT NULL
        """)

    # Building blocks

    def _amounts(self, balance, amount_currency):
        return {
            "balance": balance,
            "debit": f"GREATEST({balance}, 0)",
            "credit": f"GREATEST(-({balance}), 0)",
            "amount_currency": amount_currency,
        }

    def _currency_column(self):
        return f"CASE WHEN abroad THEN {self.proto.foreign.id} ELSE {self.proto.company.currency_id.id} END"

    @staticmethod
    def _numeric(value):
        return SQL(f"{value}::numeric")

    def _last_id(self, table, plan=None, rows=1):
        """The highest id of a table, after the rows that a plan adds to it."""
        self.cr.execute(SQL("SELECT COALESCE(max(id), 0) + 10 FROM %s", SQL.identifier(table)))
        last = self.cr.fetchone()[0]
        if plan:
            self.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(plan)))
            last += rows * (self.cr.fetchone()[0] + 1)
        return last

    def _plan(self, name, query, key="id"):
        self.cr.execute(SQL("CREATE TEMP TABLE %s ON COMMIT DROP AS %s", SQL.identifier(name), query))
        self.cr.execute(SQL("CREATE INDEX ON %s (%s)", SQL.identifier(name), SQL.identifier(key)))
        self.cr.execute(SQL("ANALYZE %s", SQL.identifier(name)))

    def _copy(self, table, proto_id, source, columns, where="true"):
        """Insert a copy of the row ``proto_id`` for each row of ``source``, with some ``columns`` replaced (all SQL)."""
        if table not in self.columns:
            self.cr.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
            )
            self.columns[table] = [row[0] for row in self.cr.fetchall()]
        names = self.columns[table]
        values = [columns.get(name, f'(proto)."{name}"') for name in names]
        self.cr.execute(SQL(
            f"""
            INSERT INTO "{table}" ({', '.join(f'"{name}"' for name in names)})
            SELECT {', '.join(values)}
              FROM {source} CROSS JOIN (SELECT one AS proto FROM "{table}" AS one WHERE id = %s) AS prototype
             WHERE {where}
            """,
            proto_id,
        ))

    def _copy_relation(self, table, column, proto_id, value, source, where):
        """Give the copies of a record the same many-to-many links as the record has."""
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> %s", [table, column]
        )
        [other] = [row[0] for row in self.cr.fetchall()]
        self.cr.execute(SQL(
            f"""
            INSERT INTO "{table}" ("{column}", "{other}")
            SELECT {value}, (proto)."{other}"
              FROM {source} CROSS JOIN (SELECT one AS proto FROM "{table}" AS one WHERE "{column}" = %s) AS prototype
             WHERE {where}
            """,
            proto_id,
        ))

    @contextmanager
    def quick(self):
        """Load without indexes and foreign keys' checks, bring the sequences up to date, analyse."""
        rows = ", ".join(f"({number}, {product.id}, '{product.name}')" for number, product in enumerate(self.proto.products))
        self._plan("bench_product", SQL(f"SELECT * FROM (VALUES {rows}) AS p (number, id, name)"))
        self.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if self.cr.fetchone()[0]:
            self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute("SET LOCAL work_mem = '256MB'")
        self.cr.execute(SQL(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
              FROM pg_index i
             WHERE indrelid = ANY (%s::regclass[]) AND NOT indisprimary
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
            """,
            list(self.TABLES),
        ))
        indexes = self.cr.fetchall()
        for name, _definition in indexes:
            self.cr.execute(f"DROP INDEX {name}")
        yield
        self.say("Indexes")
        for _name, definition in indexes:
            self.cr.execute(definition)
        for table in self.TABLES:
            self.cr.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        self.env["ir.sequence"].search([("code", "=", "sale.order")]).number_next_actual = self._last_id("sale_order")
        self.cr.execute("SET LOCAL session_replication_role = DEFAULT")
        self.cr.execute("ANALYZE")
