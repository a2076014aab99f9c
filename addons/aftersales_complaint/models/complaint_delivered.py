from odoo import api, fields, models
from odoo.tools import SQL


class ComplaintDelivered(models.Model):
    """What a customer was delivered on orders, by delivery line and lot: order, goods and quantity, no prices.

    Who files complaints names the goods by it, with no right to orders and deliveries themselves.
    """

    _name = "complaint.delivered"
    _description = "Delivered Goods"
    _auto = False
    _order = "date desc, id desc"
    _rec_names_search = ["order_name", "delivery_name", "lot_name", "product_id"]
    _depends = {
        "res.partner": ["commercial_partner_id"],
        "sale.order": ["name", "partner_id"],
        "sale.order.line": ["order_id"],
        "stock.location": ["usage"],
        "stock.lot": ["name"],
        "stock.move": ["company_id", "date", "location_dest_id", "location_id", "picking_id", "product_id"]
        + ["sale_line_id", "state"],
        "stock.move.line": ["lot_id", "move_id", "quantity_product_uom"],
        "stock.picking": ["name"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, help="The firm.")
    date = fields.Datetime("Delivered On", readonly=True)
    order_id = fields.Many2one("sale.order", string="Order", readonly=True)
    order_name = fields.Char("Order Number", readonly=True)
    order_line_id = fields.Many2one("sale.order.line", string="Order Line", readonly=True)
    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    delivery_name = fields.Char("Delivery Number", readonly=True)
    move_id = fields.Many2one("stock.move", string="Delivery Line", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="Lot", readonly=True)
    lot_name = fields.Char("Lot Number", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True, help="Delivered, in the unit of the product.")
    uom_id = fields.Many2one(related="product_id.uom_id")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT MIN(detail.id) AS id,
                   move.company_id,
                   customer.commercial_partner_id AS partner_id,
                   move.date,
                   line.order_id,
                   sale_order.name AS order_name,
                   line.id AS order_line_id,
                   move.picking_id,
                   picking.name AS delivery_name,
                   move.id AS move_id,
                   move.product_id,
                   detail.lot_id,
                   lot.name AS lot_name,
                   SUM(detail.quantity_product_uom) AS quantity
              FROM stock_move move
              JOIN stock_location origin ON origin.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
              JOIN sale_order_line line ON line.id = move.sale_line_id
              JOIN sale_order ON sale_order.id = line.order_id
              JOIN res_partner customer ON customer.id = sale_order.partner_id
              JOIN stock_move_line detail ON detail.move_id = move.id
         LEFT JOIN stock_picking picking ON picking.id = move.picking_id
         LEFT JOIN stock_lot lot ON lot.id = detail.lot_id
             WHERE move.state = 'done' AND origin.usage <> 'customer' AND target.usage = 'customer'
          GROUP BY move.id, line.id, sale_order.id, customer.commercial_partner_id, picking.id, detail.lot_id, lot.id
            HAVING SUM(detail.quantity_product_uom) > 0
            """
        )

    @api.depends("order_name", "delivery_name", "date", "product_id", "lot_name", "quantity", "uom_id")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for row in self:
            day = row.date and fields.Date.to_string(fields.Datetime.context_timestamp(row, row.date).date())
            quantity = f"{row.quantity:g} {row.uom_id.name or ''}".strip()
            # What tells deliveries apart comes first: narrow lists cut the rest off.
            parts = (row.order_name, day, row.lot_name, quantity, row.product_id.display_name, row.delivery_name)
            row.display_name = " · ".join(filter(None, parts))
