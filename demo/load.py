"""The demo company: a pharmaceutical wholesaler with two years of trade.

``load(env, say)`` fills a fresh database. It works with whichever addons of the suite are installed: what needs a model
that is not there is left out. The caller commits.
"""

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from odoo import fields

from demo.company import load_company, load_users
from demo.complaints import load_complaints
from demo.contracts import load_contracts
from demo.credit import load_applications, load_credit, load_quotations
from demo.customers import load_customers
from demo.data import Demo
from demo.evaluation import load_evaluations
from demo.figures import load_figures
from demo.ledger import load_credit_notes, load_invoices, load_payments
from demo.products import load_products
from demo.tiering import load_tiering
from demo.trade import backdate, load_deliveries, load_orders, load_stock
from demo.warning import load_warnings

# Login, password and role; ./run shows them.
LOGINS = [
    ("admin", "admin", "Administrator 管理员"),
    ("sales", "sales", "Salesperson, own documents 销售员"),
    ("sales2", "sales2", "Salesperson, own documents 销售员"),
    ("sales3", "sales3", "Salesperson, hospitals and pharmacies 销售员"),
    ("salesmgr", "salesmgr", "Sales manager 销售经理"),
    ("accountant", "accountant", "Accountant and credit controller 会计、信用管理员"),
    ("creditmgr", "creditmgr", "Credit manager 信用经理"),
    ("service", "service", "Service, handles complaints 客服专员"),
    ("quality", "quality", "Quality, investigates complaints 质量管理员"),
    ("director", "director", "Director 总经理"),
    ("dealer", "dealer", "Dealer on the portal 经销商门户"),
]
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notify_force_send": False,
    "no_reset_password": True,
}


def load(env, say):
    """Fill the database with the demo company.

    :param env: superuser environment of a fresh database with both languages; the language of its context (Chinese if
        none is given) becomes that of the users
    :param say: called with one line of progress at a time
    """
    lang = env.context.get("lang")
    if not lang:
        lang = "zh_CN" if env["res.lang"]._lang_get("zh_CN") else "en_US"
    company = env.ref("base.main_company")
    env = env(context={**env.context, **QUIET, "lang": lang, "allowed_company_ids": company.ids})
    say("company, chart of accounts, users")
    gc.collect()
    gc.freeze()  # the registry is not looked through again and again while hundreds of documents are made
    try:
        _load(env, say)
    finally:
        gc.unfreeze()


def _load(env, say):
    demo = Demo(env, say, fields.Date.today())
    load_company(demo)
    load_users(demo)
    load_customers(demo)
    load_products(demo)
    load_stock(demo)
    load_orders(demo)
    load_deliveries(demo)
    invoices = load_invoices(demo)
    left = load_credit_notes(demo, invoices)
    load_payments(demo, invoices, left)
    backdate(env)
    load_figures(demo)
    load_credit(demo)
    load_quotations(demo)
    load_tiering(demo)
    load_evaluations(demo)
    load_applications(demo)
    load_contracts(demo)
    load_complaints(demo)
    load_warnings(demo)
    # The people and addresses are invented: their letters are on the documents, and aren't sent.
    env["mail.mail"].search([]).unlink()
    env.flush_all()
