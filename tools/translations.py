"""The translations: compared with the sources of the addons, or brought up to date.

Checked for each addon: i18n/<addon>.pot has exactly the terms that Odoo exports; i18n/zh_CN.po has all of them, each
translated, none fuzzy, none besides, with the placeholders of its source.
"""

import argparse
import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import polib

import database
import environment
import test_command
from console import ROOT, SetupError, Step, say

LANGUAGE = "zh_CN"
_PLACEHOLDER = re.compile(r"%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|%[sdrif]|%%|\{\w*\}|</?\w+|&\w+;")
_HEADER = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "",
}
# Where standard words of Odoo ("Created by", "Company") already have a translation.
_STANDARD = ("base", "mail", "portal", "sale", "account")


def main(arguments):
    options = argparse.ArgumentParser(prog="python3 tools translations", description=__doc__.splitlines()[0])
    options.add_argument("--update", action="store_true", help="export the .pot files and merge them into zh_CN.po")
    options.add_argument("addons", nargs="*", help="default: all")
    options = options.parse_args(arguments)
    addons = options.addons or database.suite()
    with environment.alone():
        ready = environment.prepare()
        databases = database.Databases(ready)
        test_command.drop_left_behind(databases)
        template = (
            test_command.suite_template(databases) if not options.addons else databases.template(addons, of_suite=True)
        )
    with tempfile.TemporaryDirectory() as folder, Step("Exporting terms"):
        exported = _export(databases, template, Path(folder), addons)
    if options.update:
        for addon in addons:
            _update(ready, addon, exported[addon])
        return 0
    problems = [problem for addon in addons for problem in _check(addon, exported[addon])]
    for problem in problems:
        print(problem)
    say(f"Translations of {len(addons)} addons: {len(problems)} findings")
    if problems:
        say("python3 tools translations --update brings the files up to date; then fill in what is empty in zh_CN.po")
    return 1 if problems else 0


def _export(databases, template, folder, addons):
    """Return {addon: polib file of the terms that Odoo exports}."""
    name = f"dealer_test_{os.getpid()}_terms"
    databases.copy(template, name)
    try:
        command = [environment.PYTHON, Path(__file__).parent / "inside" / "export_terms.py", name, folder, *addons]
        if subprocess.run([str(part) for part in command]).returncode:
            raise SetupError("Odoo could not export the terms.")
    finally:
        databases.drop(name)
    return {addon: polib.pofile(str(folder / f"{addon}.pot")) for addon in addons}


def _files(addon):
    folder = database.ADDONS / addon / "i18n"
    return folder / f"{addon}.pot", folder / f"{LANGUAGE}.po"


def _check(addon, exported):
    template, translated = _files(addon)
    where = template.parent.relative_to(ROOT)
    for path in (template, translated):
        if not path.exists():
            return [f"{where}: {path.name} is missing"]
    terms = {entry.msgid for entry in exported}
    problems = [*_differences(f"{where}/{template.name}", terms, polib.pofile(str(template)))]
    entries = polib.pofile(str(translated))
    problems += _differences(f"{where}/{translated.name}", terms, entries)
    for entry in entries:
        place = f"{where}/{translated.name}:{entry.linenum}: {_short(entry.msgid)}"
        if entry.obsolete:
            problems.append(f"{place} is obsolete")
        elif entry.fuzzy:
            problems.append(f"{place} is fuzzy")
        elif not entry.msgstr.strip():
            problems.append(f"{place} is not translated")
        elif _placeholders(entry.msgid) != _placeholders(entry.msgstr):
            problems.append(f"{place} has other placeholders in its translation {_short(entry.msgstr)}")
    return problems


def _differences(place, terms, entries):
    have = {entry.msgid for entry in entries if not entry.obsolete}
    return [f"{place}: lacks {_short(term)}" for term in sorted(terms - have)] + [
        f"{place}: {_short(term)} is no term of the addon any more" for term in sorted(have - terms)
    ]


def _placeholders(text):
    return Counter(_PLACEHOLDER.findall(text))


def _short(text):
    return repr(text if len(text) < 60 else f"{text[:57]}...")


def _update(ready, addon, exported):
    template, translated = _files(addon)
    template.parent.mkdir(exist_ok=True)
    known = {}
    if translated.exists():
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(translated)) if not entry.fuzzy}
    memory = _memory(ready)
    result = polib.POFile(wrapwidth=78)
    result.metadata = {**_HEADER, "Language": LANGUAGE, "Plural-Forms": "nplurals=1; plural=0;"}
    pot = polib.POFile(wrapwidth=78)
    pot.metadata = _HEADER
    for entry in sorted(exported, key=lambda entry: entry.msgid):
        parts = {"msgid": entry.msgid, "occurrences": entry.occurrences, "comment": entry.comment, "flags": entry.flags}
        pot.append(polib.POEntry(**parts))
        result.append(polib.POEntry(**parts, msgstr=known.get(entry.msgid) or memory.get(entry.msgid, "")))
    for file, path in ((pot, template), (result, translated)):
        file.header = f"Terms of the addon {addon}."
        path.write_text(str(file), encoding="utf-8")
    empty = sum(1 for entry in result if not entry.msgstr)
    say(f"{addon}: {len(pot)} terms, {empty} not translated")


_remembered = {}


def _memory(ready):
    """Translations of single words and short labels, by our other addons or by Odoo: {source: translation}."""
    if _remembered:
        return _remembered
    file = Path("i18n", f"{LANGUAGE}.po")
    files = [folder / name / file for folder in ready.source.addons for name in reversed(_STANDARD)]
    files += sorted(database.ADDONS.glob(f"*/i18n/{LANGUAGE}.po"))
    for path in files:
        if path.exists():
            _remembered.update(
                (entry.msgid, entry.msgstr)
                for entry in polib.pofile(str(path))
                if entry.msgstr and not entry.fuzzy and len(entry.msgid) <= 30
            )
    return _remembered
