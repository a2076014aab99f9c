"""System packages: installed with apt as root, else the exact command is shown."""

import os
import shutil

from console import SetupError, Step, run, say


def _has_library(name):
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_chinese_font():
    if not shutil.which("fc-list"):
        return False
    return bool(run(["fc-list", ":lang=zh-cn"], check=False).stdout.strip())


# What is needed from the system, each as (how to tell it is there, Debian package).
RUNTIME = {
    "libpango-1.0-0": lambda: _has_library("libpango-1.0.so.0"),
    "libpangoft2-1.0-0": lambda: _has_library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": lambda: _has_library("libharfbuzz-subset.so.0"),
    "fontconfig": lambda: bool(shutil.which("fc-list")),
    "fonts-noto-cjk": _has_chinese_font,
}
BROWSER = {
    "chromium": lambda: any(shutil.which(name) for name in ("google-chrome", "chromium", "chromium-browser")),
}


def require(packages, needed=True):
    """Make sure that the Debian ``packages`` (name -> test of presence) are there.

    Where they can't be installed: SetupError, or only a hint when they aren't ``needed`` to go on.
    """
    missing = [name for name, present in packages.items() if not present()]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    try:
        _install(missing, command)
    except SetupError as error:
        if needed:
            raise
        say(str(error))
        return
    still = [name for name in missing if not packages[name]()]
    if still and needed:
        raise SetupError(f"{', '.join(still)} was installed but does not work.")


def _install(missing, command):
    names = ", ".join(missing)
    if not shutil.which("apt-get"):
        raise SetupError(f"These Debian packages, or what corresponds to them on this system, are missing: {names}")
    if os.geteuid() != 0:
        raise SetupError(
            f"System packages are missing: {names}. Install them and start again:\n"
            f"  sudo apt-get update && sudo {' '.join(command)}"
        )
    with Step(f"Installing system packages: {names}"):
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update"], env=env, check=False)
        run(command, env=env)
