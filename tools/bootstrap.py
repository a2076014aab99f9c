"""The virtual environment: which Python, which packages. Runs on the system's Python, standard library alone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import system
from console import ROOT, WORK, SetupError, Step, run

VENV = WORK / "venv"
LINT = WORK / "lint"
SUPPORTED = ((3, 10), (3, 11), (3, 12), (3, 13))


def inside():
    """Tell whether this process runs in the project's virtual environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def find_python():
    """Return the path of a Python that Odoo 19 runs on, this one if it fits.

    Raises SetupError when there is none.
    """
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for version in reversed(SUPPORTED):
        path = shutil.which("python{}.{}".format(*version))
        if path:
            return path
    raise SetupError(
        "Odoo 19 runs on Python 3.10 to 3.13; this is {}.{} and no other was found. Install one, for example:\n"
        "  sudo apt-get install python3.12 python3.12-venv".format(*sys.version_info[:2])
    )


def prepare(*requirements):
    """Create the virtual environment and install the ``requirements`` files that changed since the last time."""
    _prepare(VENV, requirements)
    return VENV / "bin" / "python"


def prepare_lint():
    """Create the environment of the linters; return the folder of its programs."""
    _prepare(LINT, ["requirements-lint.txt"])
    return LINT / "bin"


def _prepare(folder, requirements):
    python = folder / "bin" / "python"
    if not _works(python):
        _create(folder)
    stamp = folder / "requirements.json"
    installed = json.loads(stamp.read_text()) if stamp.exists() else {}
    wanted = {name: _fingerprint(ROOT / name) for name in requirements}
    stale = [name for name in requirements if installed.get(name) != wanted[name]]
    if not stale:
        return
    with Step(f"Installing Python packages of {', '.join(stale)}"):
        arguments = [argument for name in stale for argument in ("-r", ROOT / name)]
        run([python, "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary", *arguments])
    installed.update(wanted)
    stamp.write_text(json.dumps(installed, indent=1))


def _works(python):
    if not python.exists():
        return False
    done = subprocess.run([str(python), "-m", "pip", "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def _create(folder):
    python = find_python()
    shutil.rmtree(str(folder), ignore_errors=True)
    if python == sys.executable:
        system.require({"python3-venv": _has_venv})
    with Step(f"Creating a virtual environment with {python}"):
        run([python, "-m", "venv", folder])


def _has_venv():
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def _fingerprint(path):
    """The hash of a requirements file and of those it includes."""
    text = path.read_text()
    digest = hashlib.sha256(text.encode())
    for name in re.findall(r"^-r\s+(\S+)", text, re.MULTILINE):
        digest.update(_fingerprint(path.parent / name).encode())
    return digest.hexdigest()


def reenter():
    """Go on in the virtual environment with the same command line; does not return."""
    python = str(VENV / "bin" / "python")
    sys.stdout.flush()
    os.execv(python, [python, str(Path(__file__).resolve().parent), *sys.argv[1:]])
