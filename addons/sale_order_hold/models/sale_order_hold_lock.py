from odoo import fields, models
from odoo.tools import SQL


class SaleOrderHoldLock(models.Model):
    """One row per company and customer, written before the keepers read (C6).

    Odoo works at REPEATABLE READ: waiting for a lock would not refresh what the loser of a race sees.
    Writing the same row does: the loser gets a serialization failure, Odoo repeats its request with a
    fresh snapshot, and the keepers then see the winner's order.
    """

    _name = "sale.order.hold.lock"
    _description = "Order Gate Counter"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    customer_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(required=True)

    # A constraint and not an index: merging customers in Odoo looks for constraints.
    _company_customer = models.Constraint("UNIQUE (company_id, customer_id)")

    def _take(self, keys):
        """Write the rows of ``keys``, pairs of company id and customer id."""
        if keys:
            self.env.cr.execute(self._taking(keys))

    def _taking(self, keys):
        """Return the statement that writes the rows of ``keys``, so that it can go along with another one."""
        return SQL(
            "INSERT INTO sale_order_hold_lock (company_id, customer_id, sequence) VALUES %s"
            " ON CONFLICT (company_id, customer_id) DO UPDATE SET sequence = sale_order_hold_lock.sequence + 1",
            # Always in the same order, so that two batches can't wait for each other.
            SQL(", ").join(SQL("(%s, %s, 1)", *key) for key in sorted(keys)),
        )
