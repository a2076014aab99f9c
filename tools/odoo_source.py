"""Where Odoo 19 comes from: a checkout named by ODOO_SOURCE, Debian's package, or the official repository."""

import os
import re
import shutil
from pathlib import Path

from console import WORK, SetupError, Step, run, say

DEBIAN = WORK / "debian"
CLONE = WORK / "odoo-19.0"
REPOSITORY = "https://github.com/odoo/odoo"
# Debian's package finds these parts through links into other packages, so they have to lie beside it.
FROM_UNSTABLE = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-inconsolata",
)
# Unstable has newer versions of these, whose files are named otherwise than Odoo links to them.
FROM_OLDSTABLE = ("fonts-font-awesome", "fonts-inconsolata")
OLDSTABLE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Source:
    """An Odoo 19 source tree.

    ``python_path`` is what Python needs on its path to import ``odoo``;
    ``addons`` are the folders of Odoo's own addons.
    """

    def __init__(self, python_path, addons, origin):
        self.python_path = Path(python_path)
        self.addons = [Path(path) for path in addons]
        self.origin = origin

    def fingerprint(self):
        """A text that changes with the version of the source, for the keys of caches."""
        if self.origin == "debian":
            return (DEBIAN / "complete").read_text()
        head = run(["git", "-C", self.python_path, "rev-parse", "HEAD"], check=False)
        return f"{self.python_path} {head.stdout.strip() if not head.returncode else ''}"


def find():
    """Return the Source to use, fetching it when it isn't there yet."""
    named = os.environ.get("ODOO_SOURCE")
    if named:
        return _checkout(Path(named).expanduser().resolve(), "ODOO_SOURCE")
    if _unpacked().is_dir() and (DEBIAN / "complete").exists():
        return _debian()
    if (CLONE / "odoo-bin").exists():
        return _checkout(CLONE, "clone")
    problems = []
    for fetch in (_fetch_debian, _fetch_clone):
        try:
            return fetch()
        except SetupError as error:
            problems.append(str(error))
            say(f"That way is closed: {error}".splitlines()[0])
    raise SetupError(
        "Odoo 19 could not be fetched. Name a checkout of its branch 19.0 and start again:\n"
        "  ODOO_SOURCE=/path/to/odoo ./run\n" + "\n".join(problems)
    )


def _checkout(path, origin):
    release = path / "odoo" / "release.py"
    if not release.exists():
        raise SetupError(f"{path} (from {origin}) is no Odoo source: it has no odoo/release.py.")
    if not re.search(r"version_info\s*=\s*\(\s*19\s*,", release.read_text()):
        raise SetupError(f"{path} (from {origin}) is not Odoo 19; check out its branch 19.0.")
    return Source(path, [path / "addons", path / "odoo" / "addons"], origin)


def _unpacked():
    return DEBIAN / "root" / "usr" / "lib" / "python3" / "dist-packages"


def _debian():
    path = _unpacked()
    return Source(path, [path / "odoo" / "addons"], "debian")


def _fetch_clone():
    if not shutil.which("git"):
        raise SetupError("git is not installed.")
    with Step("Cloning Odoo 19.0 from its official repository (large)"):
        run(["git", "clone", "--depth", "1", "--branch", "19.0", REPOSITORY, CLONE], env={"GIT_TERMINAL_PROMPT": "0"})
    return _checkout(CLONE, "clone")


def _fetch_debian():
    """Download and unpack Debian's package with apt's signature check; nothing is installed on the system."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise SetupError("This system has no apt.")
    if not KEYRING.exists():
        raise SetupError("The package debian-archive-keyring is not installed.")
    mirror = _debian_mirror()
    shutil.rmtree(DEBIAN, ignore_errors=True)
    root = DEBIAN / "root"
    root.mkdir(parents=True)
    fetched = []
    with Step("Fetching Odoo 19 from Debian (about 150 MB)"):
        for suite, packages in (("sid", FROM_UNSTABLE), (OLDSTABLE, FROM_OLDSTABLE)):
            for archive in _download(mirror, suite, packages):
                run(["dpkg-deb", "-x", archive, root])
                archive.unlink()
                fetched.append(archive.name)
    _mend_package(root)
    dangling = [path for path in root.rglob("*") if path.is_symlink() and not path.exists()]
    if dangling:
        raise SetupError(f"Debian's Odoo lacks files: {', '.join(str(path) for path in dangling[:5])}")
    (DEBIAN / "complete").write_text("\n".join(fetched) + "\n")
    return _debian()


def _debian_mirror():
    """The Debian mirror this machine is set up with, read from apt's own answer."""
    listing = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CREATED_BY)"]).stdout
    for line in listing.splitlines():
        uri, _space, kind = line.partition(" ")
        if kind == "Packages" and re.search(r"/debian/?$", uri):
            return uri
    raise SetupError("apt has no Debian archive among its sources.")


def _download(mirror, suite, packages):
    """Return the downloaded archives of ``packages``, from a private apt set-up of ``suite``."""
    private = DEBIAN / f"apt-{suite}"
    archives = private / "archives"
    for folder in (private / "lists" / "partial", archives / "partial", private / "parts", private / "state"):
        folder.mkdir(parents=True)
    (private / "status").touch()
    sources = private / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    options = [
        "-o",
        f"Dir::State::lists={private / 'lists'}",
        "-o",
        f"Dir::State::status={private / 'status'}",
        "-o",
        f"Dir::Etc::sourcelist={sources}",
        "-o",
        f"Dir::Etc::sourceparts={private / 'parts'}",
        "-o",
        f"Dir::Etc::preferencesparts={private / 'parts'}",
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
        "-o",
        "APT::Sandbox::User=root" if os.geteuid() == 0 else "Debug::NoLocking=true",
    ]
    run(["apt-get", *options, "update"])
    run(["apt-get", *options, "download", *packages], cwd=archives)
    return sorted(archives.glob("*.deb"))


def _mend_package(root):
    """Put a stub where the package left out a file for its licence; its absence logs an error in every page."""
    lacking = root / "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation"
    lacking.mkdir(parents=True, exist_ok=True)
    stub = lacking / "selfie_segmentation.js"
    if not stub.exists():
        stub.write_text("// Background blur in video calls is not part of this Odoo.\n")
