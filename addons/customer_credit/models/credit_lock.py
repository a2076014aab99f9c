from odoo import fields, models


class CreditLock(models.Model):
    """One row for each limit that several customers use together, written by whoever is about to use it (C6, C8).

    It does for groups and for the company's ceiling what ``sale.order.hold.lock`` does for a customer. It makes no
    difference that it is written after the figures were read: at REPEATABLE READ the loser of a race can't write a row
    that was written since its snapshot, and Odoo repeats its request. So nobody has to know beforehand in which group
    a customer is, and who is in none writes nothing.
    """

    _name = "credit.lock"
    _description = "Counter of a Shared Limit"
    _log_access = False

    name = fields.Char("Limit", required=True)
    sequence = fields.Integer(required=True)

    _name_unique = models.UniqueIndex("(name)")

    def _take(self, keys):
        """Write the rows of ``keys``, pairs of kind and id; always groups before the ceiling, smaller ids first."""
        if not keys:
            return
        # The gate has written the rows of the customers before, so everybody takes all rows in the same order.
        names = [f"{kind}/{number}" for kind, number in sorted(keys, key=lambda key: (key[0] == "ceiling", key[1]))]
        self.env.cr.execute(
            "INSERT INTO credit_lock (name, sequence) VALUES "  # noqa: S608
            + ", ".join(["(%s, 1)"] * len(names))
            + " ON CONFLICT (name) DO UPDATE SET sequence = credit_lock.sequence + 1",
            names,
        )
