"""What may be kept with a complaint as a file, by its content. Plain bytes, no records."""

import re

MAX_BYTES = 25 * 1024 * 1024
MAX_NAME = 120
# Programs of Windows, Linux, macOS and Java, and scripts.
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
)
PROGRAM_ENDINGS = frozenset(
    {"exe", "com", "bat", "cmd", "msi", "scr", "pif", "lnk", "hta", "js", "jse", "mjs", "vbs", "vbe", "wsf", "ps1"}
    | {"sh", "jar", "app", "dll", "reg", "cpl"}
)
# What a browser would run as a page, wherever in the beginning it starts.
_MARKUP = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|\?xml|iframe|object|embed|style|img|a\s)", re.IGNORECASE
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def refusal(name, content):
    """Return why a file is refused ("size", "program"), or None; by its content, and by a name that runs."""
    if len(content) > MAX_BYTES:
        return "size"
    if content.startswith(PROGRAMS) or (name or "").lower().rstrip(" .").rpartition(".")[2] in PROGRAM_ENDINGS:
        return "program"
    return None


def is_markup(content):
    """Tell whether a browser that guessed would take this for a page or a drawing with scripts."""
    start = content[:1024]
    if start.startswith(_BOMS[1:]):
        start = start.replace(b"\0", b"")
    return bool(_MARKUP.search(start)) and not start.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"PK\x03\x04"))


def plain_name(given):
    """Return a file name without folders, control characters and signs that mean something to a page or a shell."""
    name = re.split(r"[\\/]", given or "")[-1]
    name = re.sub(r"[^\w .()+,@&%#=-]", "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(name) > MAX_NAME:
        name = f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return name[:MAX_NAME] or "file"
