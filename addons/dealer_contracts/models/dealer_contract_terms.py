from odoo import fields, models

DISTRIBUTION_LEVELS = [
    ("sole", "Sole Distributor"),
    ("first", "First-Level Dealer"),
    ("sub", "Sub-Distributor"),
    ("none", "No Distribution Rights"),
]
TRANSPORT_MODES = [("carrier", "By Carrier"), ("seller", "By Our Vehicles"), ("pickup", "Collected by the Dealer")]
BEARERS = [("seller", "Us"), ("buyer", "The Dealer")]
PAYMENT_METHODS = [("transfer", "Bank Transfer"), ("acceptance", "Bank Acceptance Bill"), ("cash", "Cash")]
DISPUTES = [
    ("court_a", "Court at Our Seat"),
    ("court_b", "Court at the Dealer's Seat"),
    ("arbitration", "Arbitration"),
]


class DealerContractTerms(models.AbstractModel):
    """What is agreed beside products and parties, as data (D1): a template has the standard, a contract its own."""

    _name = "dealer.contract.terms"
    _description = "Contract Terms"

    # (2) quality
    quality_standard = fields.Text(help="The standards that the goods meet, and the papers that come with them.")
    shelf_life_share = fields.Integer(
        "Remaining Shelf Life", help="Per cent of the shelf life that is left at delivery at least."
    )
    # (3) delivery
    delivery_days = fields.Integer(help="Days from the order to the delivery.")
    delivery_place = fields.Char()
    transport_mode = fields.Selection(TRANSPORT_MODES, string="Transport")
    transport_cost = fields.Selection(BEARERS, string="Transport Paid by")
    # (4) acceptance
    acceptance_days = fields.Integer(help="Days after the delivery in which the dealer reports what is wrong.")
    acceptance_method = fields.Text()
    # (5) distribution rights
    distribution_level = fields.Selection(DISTRIBUTION_LEVELS, string="Level")
    # (6) settlement
    payment_term_id = fields.Many2one("account.payment.term", string="Payment Terms", ondelete="restrict")
    payment_method = fields.Selection(PAYMENT_METHODS)
    # (7) dealer policy
    policy_promotion = fields.Text("Promotion")
    policy_advertising = fields.Text("Advertising")
    policy_staff = fields.Text("Staff Support")
    no_policy = fields.Boolean("No Dealer Policy", help="Nothing of the kind is agreed, and the contract says so.")
    # (8) ordering and returns
    order_method = fields.Text("Way of Ordering")
    order_lead_days = fields.Integer("Order Lead Time", help="Days that an order is placed before its delivery.")
    return_terms = fields.Text("Returns")
    # (9) breach and disputes
    late_rate = fields.Float(
        "Late Payment Penalty", digits=(6, 3), help="Per mille of the amount in arrears for each day (‰)."
    )
    breach_penalty = fields.Float(digits=(5, 2), help="Per cent of the amount that the breach concerns.")
    dispute = fields.Selection(DISPUTES, string="Disputes")
    dispute_body = fields.Char("Arbitration Commission")
    # (10) signing
    sign_place = fields.Char("Place of Signing")
    copies = fields.Integer("Originals", help="How many originals are signed.")
    # term
    notice_days = fields.Integer("Notice", help="Days before the end on which notice has to be given at the latest.")
    auto_renew = fields.Boolean("Renews Itself", help="Without notice in time the contract goes on.")
    renewal_months = fields.Integer("Renewed for", help="Months by which the contract goes on.")

    def _term_fields(self):
        """Return the names of the terms, which contracts take over from their template."""
        return list(self.env["dealer.contract.terms"]._fields.keys() - models.MAGIC_COLUMNS - {"display_name"})
