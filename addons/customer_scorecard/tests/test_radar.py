import math

from odoo.tests import BaseCase, tagged

from ..report.radar import radar


def _picture(*values, axes=None, before=None):
    series = [{"label": "now", "points": list(values)}]
    if before:
        series.append({"label": "before", "points": list(before)})
    return {"axes": axes or [f"C{number}" for number in range(len(values))], "series": series}


@tagged("post_install", "-at_install")
class TestRadar(BaseCase):
    """The geometry of the printed radar (E7)."""

    def _distances(self, drawing, shape):
        """Return how far each dot is from the centre, in steps."""
        center_x, center_y = drawing.spokes[0][:2]
        return [round(math.hypot(x - center_x, y - center_y) / 20, 3) for x, y in shape["dots"]]

    def test_points_are_where_they_belong(self):
        drawing = radar(_picture(5, 2.5, 0, 4), radius=100)
        (shape,) = drawing.shapes
        self.assertEqual(self._distances(drawing, shape), [5, 2.5, 0, 4])
        center_x, center_y = drawing.spokes[0][:2]
        self.assertEqual(shape["dots"][0], (center_x, center_y - 100), "the first axis points upwards")
        self.assertEqual(shape["dots"][1], (center_x + 50, center_y), "the next one stands to its right")
        self.assertEqual(len(drawing.rings), 5)

    def test_gap_is_no_zero(self):
        drawing = radar(_picture(3, None, 3, 3, 3))
        (shape,) = drawing.shapes
        self.assertIsNone(shape["area"])
        self.assertEqual(len(shape["dots"]), 4)
        self.assertEqual(len(shape["lines"]), 3, "no line leads to what isn't answered")
        zero = radar(_picture(3, 0, 3, 3, 3)).shapes[0]
        self.assertTrue(zero["area"])
        self.assertEqual(len(zero["dots"]), 5)

    def test_previous_one_lies_behind(self):
        drawing = radar(_picture(3, 3, 3, before=(1, 2, None)))
        self.assertEqual([shape["previous"] for shape in drawing.shapes], [True, False])

    def test_nothing_to_draw(self):
        self.assertIsNone(radar({}))
        self.assertIsNone(radar({"axes": [], "series": []}))
        self.assertIsNone(radar(_picture(3, 4)), "two axes make no area")
        self.assertIsNone(radar(_picture(None, None, None)))

    def test_labels_are_broken_and_stay_inside(self):
        names = ["合作行动：足额付款、投入人员与车辆", "Distribution reach and relations", "资金", "信誉"]
        drawing = radar(_picture(1, 2, 3, 4, axes=names), label_width=9)
        self.assertEqual("".join(line for _y, line in drawing.labels[0].lines), names[0])
        self.assertEqual([line for _y, line in drawing.labels[1].lines], ["Distribution reach", "and relations"])
        for label in drawing.labels:
            for _y, line in label.lines:
                self.assertLessEqual(sum(2 if char > "\u2e7f" else 1 for char in line), 20)
                self.assertNotIn(line[0], "，、：）")
        top, height = (float(drawing.box.split()[index]) for index in (1, 3))
        heights = [y for label in drawing.labels for y, _line in label.lines]
        self.assertGreater(min(heights), top)
        self.assertLess(max(heights), top + height)
        self.assertEqual([label.anchor for label in drawing.labels], ["middle", "start", "middle", "end"])
