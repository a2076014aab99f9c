from odoo import Command
from odoo.tests import new_test_user


def install_chinese(env):
    """Make sure that there is Chinese, with the terms of all that is installed."""
    if "zh_CN" not in dict(env["res.lang"].get_installed()):
        env["res.lang"]._activate_lang("zh_CN")
        env["ir.module.module"].search([("state", "=", "installed")])._update_translations(["zh_CN"])


def chinese_user(env, login, groups, name):
    """Return somebody of the main company who works in Chinese, with the login as password.

    :param groups: external ids, separated by commas
    """
    company = env.ref("base.main_company")
    return new_test_user(
        env,
        login,
        groups,
        name=name,
        lang="zh_CN",
        company_id=company.id,
        company_ids=[Command.set(company.ids)],
        email=f"{login}@example.com",
    )
