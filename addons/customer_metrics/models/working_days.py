"""Working days of a span of time, counted fast. Plain dates, no records."""

from datetime import timedelta
from itertools import accumulate


class WorkingDays:
    """The working days of [date_from, date_to), counted once so that each question takes no time."""

    __slots__ = ("_counted", "_date_from")

    def __init__(self, date_from, date_to, is_working):
        """
        :param date date_from: first day that may be asked for
        :param date date_to: first day that no longer may
        :param is_working: function of a date that tells whether the company works on it
        """
        length = max(0, (date_to - date_from).days)
        days = (date_from + timedelta(days=number) for number in range(length))
        self._date_from = date_from
        self._counted = list(accumulate((int(is_working(day)) for day in days), initial=0))

    def count(self, date_from, date_to):
        """Return the number of working days in [date_from, date_to); zero where that is empty."""
        start, end = ((day - self._date_from).days for day in (date_from, date_to))
        return self._counted[end] - self._counted[start] if start < end else 0

    def gap(self, before, after):
        """Return the working days from one purchase to the next: those in between, and the day of the purchase.

        Who buys on a day off makes it a day of work: the gap is never less than 1.
        """
        return self.count(before + timedelta(days=1), after) + 1

    def share(self, date_from, day, date_to):
        """Return the share, 0 to 1, of the working days of [date_from, date_to) that lie before `day`.

        Where there is none, the share of all days.
        """
        total = self.count(date_from, date_to)
        if not total:
            return (day - date_from).days / (date_to - date_from).days
        return self.count(date_from, day) / total
