"""Geometry of a printed radar, in plain Python: where lines and words go. The template draws them as SVG."""

import math
from typing import NamedTuple

STEPS = 5
# The characters behind this one are as wide as high, and a line may be broken between them...
_CHINESE = "\u2e7f"
# ... but none begins with these.
_CLOSING = "、，。；：！？）》」』”…"


class Label(NamedTuple):
    x: float
    y: float
    anchor: str  # start, middle, end: which part of the text stands at x
    lines: list


class Radar(NamedTuple):
    box: str  # the text of an SVG viewBox attribute
    width: float
    height: float
    rings: list  # one polygon for each step, as the text of an SVG points attribute
    spokes: list  # (x1, y1, x2, y2)
    scale: list  # (x, y, step)
    labels: list
    # In the order of drawing: {"label", "previous", "lines": [points], "area": points or None, "dots": [(x, y)]}
    shapes: list


def radar(picture, radius=100, width=420, line_height=12, label_width=9):
    """Return the radar of a picture as :meth:`customer.scorecard._compute_picture` makes it, or None.

    A value that is missing leaves a gap in the line: it is not a zero. With fewer than three axes there is no area
    to draw, and None is returned.

    :param dict picture: {"axes": [names], "series": [{"label", "points": [0..5 or None]}]}
    :param float radius: of the outermost ring, in the units of the drawing, which is `width` wide
    :param int label_width: characters in a line of a label; a Chinese character is as wide as two others
    """
    axes, series = picture.get("axes") or [], picture.get("series") or []
    if len(axes) < 3 or not any(value is not None for one in series for value in one["points"]):
        return None
    center_x = center_y = width / 2

    def place(index, value, extra=0.0):
        angle = 2 * math.pi * index / len(axes)
        length = radius * value / STEPS + extra
        return round(center_x + length * math.sin(angle), 2), round(center_y - length * math.cos(angle), 2)

    def path(points):
        return " ".join(f"{x},{y}" for x, y in points)

    labels = [
        _label(_wrap(axis, label_width * 2), *place(index, STEPS, extra=7), center_x, center_y, line_height)
        for index, axis in enumerate(axes)
    ]
    heights = [y for label in labels for y, _line in label.lines] + [place(0, STEPS)[1], center_y + radius]
    top, bottom = min(heights) - line_height, max(heights) + line_height / 2
    return Radar(
        box=f"0 {top:g} {width:g} {bottom - top:g}",
        width=width,
        height=bottom - top,
        rings=[path(place(index, step) for index in range(len(axes))) for step in range(1, STEPS + 1)],
        spokes=[(center_x, center_y, *place(index, STEPS)) for index in range(len(axes))],
        scale=[(center_x + 2, place(0, step)[1] + 3, step) for step in range(1, STEPS + 1)],
        labels=labels,
        shapes=[_shape(one, number > 0, place, path) for number, one in enumerate(series)][::-1],
    )


def _label(lines, x, y, center_x, center_y, line_height):
    """Return a label that stands off the radar: beside it, above it or below it."""
    anchor = "middle" if abs(x - center_x) < 1 else "start" if x > center_x else "end"
    share = (y - center_y) / max(abs(x - center_x) + abs(y - center_y), 1)  # -1 above .. 1 below
    # The first line's foot: the block ends at y above the radar, begins there below it, is centred beside it.
    first = y + line_height * 0.8 - (1 - share) / 2 * line_height * len(lines)
    return Label(
        x, round(first, 2), anchor, [(round(first + line_height * n, 2), line) for n, line in enumerate(lines)]
    )


def _shape(one, previous, place, path):
    """Return what to draw of a series: its closed area, or the pieces of line between the gaps."""
    values = one["points"]
    known = [index for index, value in enumerate(values) if value is not None]
    places = {index: place(index, values[index]) for index in known}
    count = len(values)
    shape = {"label": one["label"], "previous": previous, "dots": list(places.values()), "lines": [], "area": None}
    if len(known) == count:
        shape["area"] = path(places.values())
    else:
        shape["lines"] = [
            path((places[index], places[(index + 1) % count])) for index in known if (index + 1) % count in places
        ]
    return shape


def _wrap(text, width):
    """Break a text into lines; Chinese between any characters, other scripts between words."""
    lines, used = [""], 0
    for word in _words(text):
        size = sum(2 if char > _CHINESE else 1 for char in word.rstrip())
        if used and used + size > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
            used = 0
        lines[-1] += word
        used += size + len(word) - len(word.rstrip())
    return [line.strip() for line in lines]


def _words(text):
    """Return the pieces of a text between which a line may end, each with the blanks behind it."""
    words = []
    for char in text:
        last = words[-1][-1] if words else ""
        together = char in _CLOSING or char.isspace() or (char <= _CHINESE and last <= _CHINESE and not last.isspace())
        if words and together:
            words[-1] += char
        else:
            words.append(char)
    return words
