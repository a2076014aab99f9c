"""What was changed in a text, word by word: Chinese by character, other scripts by word."""

import difflib
import re

from markupsafe import Markup

_TOKEN = re.compile(r"[⺀-鿿豈-﫿]|\w+|\s+|[^\w\s]")


def word_diff(before, after):
    """Return [(kind, text)] that lead from one text to the other; kind is "same", "gone" or "new".

    >>> word_diff("within 30 days", "within 45 days")
    [('same', 'within '), ('gone', '30'), ('new', '45'), ('same', ' days')]
    """
    old, new = _TOKEN.findall(before or ""), _TOKEN.findall(after or "")
    pieces = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for operation, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(("same", "".join(new[new_from:new_to])))
            continue
        if old_to > old_from:
            pieces.append(("gone", "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(("new", "".join(new[new_from:new_to])))
    return pieces


def as_html(pieces):
    """Return the pieces of :func:`word_diff` as HTML; their texts are escaped."""
    tags = {
        "same": Markup("%s"),
        "gone": Markup('<del class="text-danger">%s</del>'),
        "new": Markup('<ins class="text-success fw-bold">%s</ins>'),
    }
    return Markup('<div style="white-space: pre-wrap">%s</div>') % Markup().join(
        tags[kind] % text for kind, text in pieces
    )
