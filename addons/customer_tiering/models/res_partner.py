from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .customer_tier_run import OFFICER

# What decides about schemes, service and special treatment is not for every salesperson to set.
GUARDED = {"customer_nature", "customer_ownership", "customer_loyalty", "shop_area", "shop_location"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_nature = fields.Selection(
        [
            ("distributor", "Distributor"),
            ("first", "First Terminal"),
            ("second", "Second Terminal"),
            ("third", "Third Terminal"),
        ],
        string="Nature",
        index="btree_not_null",
        tracking=True,
        help="Distributor: sells to the trade. First terminal: state hospitals of grade two and above, tenders. Second "
        "terminal: distribution centres of chains. Third terminal: shops and clinics.",
    )
    customer_ownership = fields.Selection(
        [("state", "State-Owned"), ("private", "Private")], string="Ownership", tracking=True
    )
    customer_loyalty = fields.Selection(
        [("loyal", "Loyal"), ("half", "Half-Loyal"), ("disloyal", "Disloyal")], string="Loyalty", tracking=True
    )
    customer_relation = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier"), ("both", "Customer and Supplier")],
        string="Relation",
        compute="_compute_customer_relation",
        search="_search_customer_relation",
        help="From the documents of the firm: sold to, bought from, or both.",
    )
    tier_membership_ids = fields.One2many(
        "customer.tier.membership", "partner_id", string="Classes", groups="base.group_user"
    )
    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        search="_search_customer_tier_id",
        groups="base.group_user",
        help="The class in the first scheme in which the customer has one, in this company.",
    )
    customer_tier_color = fields.Integer(
        compute="_compute_customer_tier_id", compute_sudo=True, groups="base.group_user"
    )
    customer_tier_note = fields.Char(
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        groups="base.group_user",
        help="Provisional, or fixed by hand.",
    )
    tier_officer = fields.Boolean(compute="_compute_tier_officer", groups="base.group_user")

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id.customer_rank", "commercial_partner_id.supplier_rank")
    def _compute_customer_relation(self):
        for partner in self:
            entity = partner.commercial_partner_id.sudo()
            sold, bought = entity.customer_rank > 0, entity.supplier_rank > 0
            partner.customer_relation = (
                "both" if sold and bought else "customer" if sold else "supplier" if bought else False
            )

    @api.model
    def _search_customer_relation(self, operator, value):
        if operator != "in":
            return NotImplemented
        sold = Domain("commercial_partner_id.customer_rank", ">", 0)
        bought = Domain("commercial_partner_id.supplier_rank", ">", 0)
        found = {
            "customer": sold & ~bought,
            "supplier": bought & ~sold,
            "both": sold & bought,
            False: ~sold & ~bought,
        }
        return Domain.OR([found[item] for item in value if item in found])

    @api.depends("commercial_partner_id.tier_membership_ids.tier_id")
    @api.depends_context("company", "lang")
    def _compute_customer_tier_id(self):
        main = self._main_memberships()
        for partner in self:
            membership = main.get(partner.commercial_partner_id.id)
            partner.customer_tier_id = membership.tier_id if membership else False
            partner.customer_tier_color = membership.tier_id.color if membership else 0
            partner.customer_tier_note = (
                False
                if not membership
                else self.env._("fixed by hand")
                if membership.override_id
                else self.env._("provisional")
                if membership.provisional
                else False
            )

    def _main_memberships(self):
        """Return {customer id: membership in the first scheme that gives a class in this company}: one query."""
        ids = self.commercial_partner_id.ids
        memberships = self.env["customer.tier.membership"]
        if ids:
            memberships = memberships.sudo().search(
                [
                    ("partner_id", "in", ids),
                    ("company_id", "=", self.env.company.id),
                    ("tier_id", "!=", False),
                    ("scheme_id.active", "=", True),
                ],
                order="id",
            )
        main = {}
        for membership in memberships.sorted(lambda row: (row.scheme_id.sequence, row.scheme_id.id)):
            main.setdefault(membership.partner_id.id, membership)
        return main

    @api.model
    def _search_customer_tier_id(self, operator, value):
        """Find customers who have one of the classes, in whichever scheme of this company."""
        here = Domain("company_id", "=", self.env.company.id)
        if operator == "in" and False in value:
            with_class = Domain(
                "commercial_partner_id.tier_membership_ids", "any!", here & Domain("tier_id", "!=", False)
            )
            others = [item for item in value if item]
            return ~with_class | self._search_customer_tier_id("in", others) if others else ~with_class
        if operator not in ("in", "any", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        return Domain("commercial_partner_id.tier_membership_ids", "any!", here & Domain("tier_id", operator, value))

    @api.depends_context("uid")
    def _compute_tier_officer(self):
        self.tier_officer = self._user_is_tier_officer()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get(name) for vals in vals_list for name in GUARDED):
            self._check_tier_officer()
        return super().create(vals_list)

    def write(self, vals):
        guarded = GUARDED & vals.keys()
        if guarded and any(partner[name] != vals[name] for partner in self for name in guarded):
            self._check_tier_officer()
        return super().write(vals)

    def unlink(self):
        result = super().unlink()
        self.env["customer.tier.run.line"]._delete_of(self)
        return result

    def _user_is_tier_officer(self):
        return self.env.su or self.env.user.has_group(OFFICER)

    def _check_tier_officer(self):
        if not self._user_is_tier_officer():
            raise AccessError(
                self.env._(
                    "Nature, ownership, loyalty and the shop decide about class and support. They are set by: %s.",
                    self.env.ref(OFFICER).sudo().display_name,
                )
            )

    # === BUSINESS METHODS === #

    def _customer_tiers(self, company):
        """Return {customer id: class in force in the company, or an empty recordset}, for contacts that of their firm.

        One query, whatever the number of customers; for other addons, with super-user rights.
        """
        main = self.sudo().with_company(company)._main_memberships()
        none = self.env["customer.tier"].sudo()
        return {
            partner.id: main[partner.commercial_partner_id.id].tier_id
            if partner.commercial_partner_id.id in main
            else none
            for partner in self
        }

    def _action_tier_documents(self, company, date_to, months):
        """Open the trade of [date_to - months, date_to) of this customer in a company, by month."""
        self.ensure_one()
        entity = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_metrics.customer_trade_report_action")
        action.update(
            domain=[
                ("partner_id", "=", entity.id),
                ("company_id", "=", company.id),
                ("date", ">=", fields.Date.to_string(date_to - relativedelta(months=months))),
                ("date", "<", fields.Date.to_string(date_to)),
            ],
            context={},
            views=[(False, "list"), (False, "pivot"), (False, "graph")],
            display_name=self.env._("Trade behind the class – %s", entity.display_name),
        )
        return action

    def _action_tier_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_tiering.customer_tier_history_action")
        action.update(
            domain=[("partner_id", "=", self.commercial_partner_id.id)],
            context={},
            display_name=self.env._("Class History – %s", self.commercial_partner_id.display_name),
        )
        return action

    # === ACTION METHODS === #

    def action_tier_history(self):
        """Open the changes of this customer's classes."""
        return self._action_tier_history()
