from odoo import fields, models
from odoo.tools import SQL


class CustomerTradeDocument(models.Model):
    """The single documents that sales, margin and returns are made of: one row per order, invoice and credit note (M).

    The same documents and amounts as in the trade report, each with its day: what a figure of any window adds up to
    can be read off. Amounts are untaxed, in the company's currency; credit notes count with what they take back.
    """

    _name = "customer.trade.document"
    _description = "Customer Trade Document"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date(readonly=True)
    name = fields.Char(string="Document", readonly=True)
    kind = fields.Selection(
        [("order", "Order"), ("invoice", "Invoice"), ("refund", "Credit Note")],
        readonly=True,
    )
    order_id = fields.Many2one("sale.order", readonly=True)
    move_id = fields.Many2one("account.move", string="Journal Entry", readonly=True)
    sales = fields.Monetary(
        readonly=True, help="Untaxed, in the company's currency; negative for credit notes.", aggregator="sum"
    )
    cost = fields.Monetary(readonly=True, help="Cost of what was sold, in the company's currency.", aggregator="sum")
    margin = fields.Monetary(readonly=True, help="Sales less cost, in the company's currency.", aggregator="sum")
    returned = fields.Monetary(
        readonly=True,
        help="What the credit note takes back of the sales, in the company's currency.",
        aggregator="sum",
    )

    _depends = {"customer.trade.report": [], "account.move": ["name"], "sale.order": ["name"]}

    @property
    def _table_query(self):
        Trade = self.env["customer.trade.report"]
        # Orders have even ids, invoices and credit notes odd ones.
        return SQL(
            """
            SELECT document.id,
                   document.company_id,
                   company.currency_id,
                   document.partner_id,
                   document.user_id,
                   document.day AS date,
                   COALESCE(sale.name, move.name) AS name,
                   CASE WHEN document.id %% 2 = 0 THEN 'order'
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        ELSE 'invoice'
                   END AS kind,
                   sale.id AS order_id,
                   move.id AS move_id,
                   document.sales,
                   document.sales - document.margin AS cost,
                   document.margin,
                   document.returned
              FROM (%(documents)s) document
              JOIN res_company company ON company.id = document.company_id
         LEFT JOIN sale_order sale ON document.id %% 2 = 0 AND sale.id = document.id / 2
         LEFT JOIN account_move move ON document.id %% 2 = 1 AND move.id = (document.id - 1) / 2
             WHERE document.orders + document.refunds > 0
            """,
            documents=SQL(" UNION ALL ").join([*Trade._documents_sql("order"), *Trade._documents_sql("invoice")]),
        )

    def action_open_document(self):
        """Open the order, invoice or credit note."""
        self.ensure_one()
        # The id tells the document; reading the row would go through all documents.
        document_id, is_move = divmod(self.id, 2)
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move" if is_move else "sale.order",
            "res_id": document_id,
            "views": [(False, "form")],
        }
