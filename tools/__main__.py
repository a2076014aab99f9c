"""Entry point of ./run, ./test, ./odoo and the checks: prepare the virtual environment, then go on inside it."""

import sys

import bootstrap
import environment
from console import SetupError

HELP = """usage: python3 tools COMMAND [ARGS]

  run            what ./run does
  test           what ./test does
  odoo           what ./odoo does
  lint           ruff, pylint-odoo, the OCA's checks and codespell
  translations   compare the translations with the sources; --update brings them up to date
  checklog       look for errors and warnings of ours in the log of the last ./test
"""


def main(arguments):
    command, arguments = (arguments or [""])[0], arguments[1:]
    if command == "run":
        import run_command

        options = run_command.parser().parse_args(arguments)
        run_command.check(options)
        _venv("requirements.txt")
        return run_command.main(options)
    if command == "odoo":
        _venv("requirements.txt")
        import odoo_command

        return odoo_command.main(arguments)
    if command == "test":
        _venv("requirements.txt", "requirements-dev.txt")
        import test_command

        return test_command.main(arguments)
    if command == "translations":
        _venv("requirements.txt", "requirements-dev.txt")
        import translations

        return translations.main(arguments)
    if command == "lint":
        import lint

        return lint.main(arguments)
    if command == "checklog":
        import lint

        return lint.check_log()
    print(HELP)
    return 0 if command in ("", "-h", "--help") else 2


def _venv(*requirements):
    if not bootstrap.inside():
        with environment.alone():
            bootstrap.prepare(*requirements)
        bootstrap.reenter()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
