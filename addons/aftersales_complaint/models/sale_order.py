from collections import namedtuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# In the unit of the product. pending: on the way back, or promised by a complaint and not on the way yet.
Balance = namedtuple("Balance", "delivered returned pending")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    complaint_count = fields.Integer(
        compute="_compute_complaint_count", groups="aftersales_complaint.group_complaint_user"
    )

    def _compute_complaint_count(self):
        counts = dict(
            self.env["complaint.complaint"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        for order in self:
            order.complaint_count = counts.get(order, 0)

    def action_complaints(self):
        """Open the complaints about this order, or begin one."""
        self.ensure_one()
        return self.partner_id._complaints_action({"default_order_id": self.id}, [("order_id", "=", self.id)])


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _complaint_balance(self):
        """Return {order line id: what was delivered, returned and is on its way back}: one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH moved AS (
                    SELECT move.id, move.sale_line_id, move.state, origin.usage = 'customer' AS back,
                           CASE WHEN move.state = 'done'
                                THEN (SELECT COALESCE(SUM(line.quantity_product_uom), 0)
                                        FROM stock_move_line line
                                       WHERE line.move_id = move.id)
                                ELSE move.product_qty END AS quantity
                      FROM stock_move move
                      JOIN stock_location origin ON origin.id = move.location_id
                      JOIN stock_location target ON target.id = move.location_dest_id
                     WHERE move.sale_line_id = ANY(%(ids)s)
                       AND move.state <> 'cancel'
                       AND (origin.usage = 'customer') <> (target.usage = 'customer')
                )
                SELECT line.id,
                       COALESCE(SUM(moved.quantity) FILTER (WHERE NOT back AND moved.state = 'done'), 0),
                       COALESCE(SUM(moved.quantity) FILTER (WHERE back AND moved.state = 'done'), 0),
                       COALESCE(SUM(moved.quantity) FILTER (WHERE back AND moved.state <> 'done'), 0)
                       + COALESCE((
                           SELECT SUM(remedy.quantity)
                             FROM complaint_remedy remedy
                            WHERE remedy.order_line_id = line.id
                              AND remedy.kind = 'return'
                              AND remedy.state IN ('proposed', 'approved')
                         ), 0)
                  FROM sale_order_line line
             LEFT JOIN moved ON moved.sale_line_id = line.id
                 WHERE line.id = ANY(%(ids)s)
              GROUP BY line.id
                """,
                ids=self._origin.ids,
            )
        )
        return {row[0]: Balance(*(float(value) for value in row[1:])) for row in rows}

    def _complaint_delivered_on(self):
        """Return {order line id: moment of its last delivery}; lines without one are missing."""
        rows = (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("sale_line_id", "in", self._origin.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "!=", "customer"),
                    ("location_dest_id.usage", "=", "customer"),
                ],
                ["sale_line_id"],
                ["date:max"],
            )
        )
        return {line.id: moment for line, moment in rows}

    def _complaint_lock(self):
        """Take the counters of the customers of these lines: see complaint.return.counter."""
        lines = self.sudo()
        self.env["complaint.return.counter"]._lock(
            (line.order_id.partner_id.commercial_partner_id.id, line.company_id.id) for line in lines
        )

    def _complaint_check_returns(self):
        """Raise if more goes back than came: returned and pending against delivered, under lock.

        :raise UserError: with the figures
        """
        lines = self.sudo().filtered(lambda line: line.product_uom_qty >= 0)
        if not lines:
            return
        lines._complaint_lock()
        for line_id, balance in lines._complaint_balance().items():
            line = self.env["sale.order.line"].sudo().browse(line_id)
            over = balance.returned + balance.pending - balance.delivered
            if line.product_id.uom_id.compare(over, 0) > 0:
                raise UserError(
                    self.env._(
                        "%(product)s of %(order)s: %(delivered)g delivered, %(returned)g returned and %(pending)g on "
                        "the way back, which is %(over)g too many.",
                        product=line.product_id.display_name,
                        order=line.order_id.name,
                        delivered=balance.delivered,
                        returned=balance.returned,
                        pending=balance.pending,
                        over=over,
                    )
                )
