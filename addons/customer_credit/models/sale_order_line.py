from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    uninvoiced_amount = fields.Monetary(
        "Not Yet Invoiced",
        compute="_compute_uninvoiced_amount",
        compute_sudo=True,
        help="Part of the line, tax included, that is not on a posted invoice, in the order's currency.",
    )

    @api.depends(
        "price_total", "product_uom_qty", "qty_delivered", "invoice_lines.move_id.state", "invoice_lines.quantity"
    )
    def _compute_uninvoiced_amount(self):
        for line in self:
            line.uninvoiced_amount = line._uninvoiced()

    def _hold_protected_fields(self):
        fields_of_credit = {"amount_invoiced"}
        if self.env["res.company"]._credit_any_controlled():
            # Invoices link themselves to what they invoice. Where nobody controls credit, Odoo lets people do it too.
            fields_of_credit.add("invoice_lines")
        return super()._hold_protected_fields() | fields_of_credit

    def _uninvoiced(self):
        """Return the amount, tax included and not rounded, that is not yet on a posted invoice.

        It is price x (what was ordered, or delivered if that is more, less what was invoiced). It doesn't depend on
        the order's state nor on the invoice policy: what was ordered will be owed.
        A credit note opens the line again, as it does in Odoo, unless it is about what was delivered less, or returned:
        that will not be invoiced once more. An invoice that a credit note takes back as a whole counts as never made.
        """
        self.ensure_one()
        if self.display_type or self.is_downpayment:
            return 0.0
        ordered, delivered = self.product_uom_qty, self.qty_delivered
        sign = -1 if ordered < 0 else 1
        ordered, delivered = sign * ordered, sign * delivered
        by_move = {}
        for invoice_line in self.invoice_lines:
            move = invoice_line.move_id
            if move.state != "posted" and move.payment_state != "invoicing_legacy":
                continue
            quantity = invoice_line.product_uom_id._compute_quantity(invoice_line.quantity, self.product_uom_id)
            by_move[move] = by_move.get(move, 0.0) - quantity * move.direction_sign * sign
        net = sum(by_move.values())
        left = max(ordered, delivered) - net
        credited = -sum(quantity for quantity in by_move.values() if quantity < 0)
        for move, quantity in by_move.items():
            if quantity < 0 and by_move.get(move.reversed_entry_id) == -quantity:
                credited += quantity
        if 0 < credited <= ordered - delivered and (delivered > 0 or self.product_id.invoice_policy == "delivery"):
            # What is delivered and not invoiced, and what was never delivered; what came back isn't sent again.
            left = max(delivered - net, 0.0) + max(ordered - max(delivered, net + credited), 0.0)
        if left <= 0:
            return 0.0
        if ordered:
            return self.price_total * left / ordered
        # Delivered without having been ordered: the line's totals are zero.
        price = self.price_unit * (1 - (self.discount or 0.0) / 100)
        taxes = self.tax_ids.compute_all(price, self.currency_id, left, self.product_id, self.order_partner_id)
        return taxes["total_included"]
