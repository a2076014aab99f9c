"""What the set-up says while it works, and how it stops when it can't."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".odoo"
"""Everything that the commands create; ignored by git and safe to delete."""


class SetupError(Exception):
    """Something is missing that the set-up can't create; the text names the remedy."""


def say(text):
    """Print one line of progress at once, also into a pipe."""
    print(f"\N{BULLET} {text}", flush=True)


class Step:
    """Context manager that announces a step and, when it took noticeable time, its duration."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        say(f"{self.text} \N{HORIZONTAL ELLIPSIS}")
        self.started = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        seconds = time.monotonic() - self.started
        if error is None and seconds >= 1:
            say(f"{self.text}: done in {seconds:.0f} s")


def run(command, *, env=None, cwd=ROOT, log=None, check=True, quiet=True):
    """Run ``command`` and return the finished process.

    Output goes to the file ``log`` (appended) when given, is captured when ``quiet``,
    else shown. With ``check`` a failure raises SetupError with the end of the output.
    """
    full_env = {**os.environ, **(env or {})}
    command = [str(part) for part in command]
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            done = subprocess.run(command, env=full_env, cwd=cwd, stdout=stream, stderr=subprocess.STDOUT)
        output = log.read_text(errors="replace")
    elif quiet:
        done = subprocess.run(
            command,
            env=full_env,
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = done.stdout
    else:
        sys.stdout.flush()
        done = subprocess.run(command, env=full_env, cwd=cwd)
        output = ""
    if check and done.returncode:
        tail = "\n".join(output.strip().splitlines()[-25:])
        raise SetupError(f"This command failed with exit code {done.returncode}:\n  {' '.join(command)}\n{tail}")
    return done
