def install_chinese(env):
    """Make sure that there is Chinese, with the terms of all that is installed."""
    if "zh_CN" not in dict(env["res.lang"].get_installed()):
        env["res.lang"]._activate_lang("zh_CN")
        env["ir.module.module"].search([("state", "=", "installed")])._update_translations(["zh_CN"])
