"""The linters over the addons and everything beside them, and the check of Odoo's log. No finding passes."""

import subprocess

import bootstrap
from console import ROOT, WORK, Step, run, say

# Switched off here, as .pylintrc would switch them on again with their group: each addon has a README.md; a model may
# be spread over files by subject; methods without a result return nothing; registries of a few records are read whole;
# labels are spelled out where they stand; Odoo's wizards are extended beside the models; the mirror of the limit writes
# past the guard that it belongs to.
PYLINT_DISABLED = (
    "missing-readme",
    "consider-merging-classes-inherited",
    "missing-return",
    "no-search-all",
    "attribute-string-redundant",
    "no-wizard-in-models",
    "super-method-mismatch",
)


def main(arguments):
    """Run all linters, or those named in ``arguments``; return 1 when one has a finding."""
    programs = bootstrap.prepare_lint()
    addons = sorted(str(path.parent.relative_to(ROOT)) for path in ROOT.glob("addons/*/__manifest__.py"))
    texts = _tracked()
    commands = {
        "ruff": [["ruff", "check", "--no-cache", "."]],
        "pylint": [["pylint", f"--disable={','.join(PYLINT_DISABLED)}", *addons]] if addons else [],
        "oca": [["oca-checks-odoo-module", *addons], ["oca-checks-po", *_translations()]] if addons else [],
        "codespell": [["codespell", "--toml", "pyproject.toml", *texts]],
    }
    failed = []
    for name in arguments or commands:
        for program, *rest in commands[name]:
            with Step(f"{program}"):
                if subprocess.run([str(programs / program), *rest], cwd=str(ROOT)).returncode:
                    failed.append(program)
    say(f"Linters with findings: {', '.join(failed)}" if failed else "Linters: no finding")
    return 1 if failed else 0


def _translations():
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("addons/*/i18n/*.po*"))


def _tracked():
    """The files under version control; in a copy without it, all of ours."""
    done = run(["git", "ls-files"], check=False)
    names = done.stdout.split("\n") if done.returncode == 0 else []
    if not names:
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and path.relative_to(ROOT).parts[0] not in (".odoo", ".git")
        ]
    binary = (".png", ".jpg", ".ico", ".woff2", ".pdf", ".zip", ".po", ".xlsx")
    return [name for name in names if name and not name.endswith(binary) and (ROOT / name).is_file()]


def check_log():
    """Look through the logs of the last ./test with checklog-odoo; checklog-odoo.cfg names what is known."""
    programs = bootstrap.prepare_lint()
    failed = 0
    for name in ("test.log", "test-install.log"):
        log = WORK / "logs" / name
        if log.exists():
            with Step(f"checklog-odoo over {log.relative_to(ROOT)}"):
                command = [str(programs / "checklog-odoo"), "--no-echo", "--config", "checklog-odoo.cfg", str(log)]
                failed |= subprocess.run(command, cwd=str(ROOT)).returncode
    return 1 if failed else 0
