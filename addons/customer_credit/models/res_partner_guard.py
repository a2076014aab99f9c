from odoo import api, models
from odoo.exceptions import AccessError


class ResPartner(models.Model):
    """What decides about a customer's credit, beside the limit, is changed by credit managers only (C9)."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("category_id") for vals in vals_list):
            partners._credit_check_tags({})
        return partners

    def write(self, vals):
        tags = {partner: partner.category_id for partner in self} if "category_id" in vals else None
        customers = {}
        if {"parent_id", "is_company"} & vals.keys():
            customers = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        if tags is not None:
            self._credit_check_tags(tags)
        if customers:
            self._credit_check_moved(customers)
        return result

    def _credit_check_tags(self, before):
        """Raise AccessError if a tag that a credit policy is for was given or taken.

        :param before: {partner: tags it had}
        """
        if self.env["credit.account"]._user_may_manage():
            return
        deciding = self.env["credit.policy"].sudo().search([("category_id", "!=", False)]).category_id
        if not deciding:
            return
        for partner in self:
            was, now = before.get(partner, deciding.browse()) & deciding, partner.category_id & deciding
            if set(was.ids) != set(now.ids):
                raise AccessError(
                    self.env._(
                        "Credit policies hold for customers with the tag %(tags)s: "
                        "only credit managers give or take it.",
                        tags=", ".join(((was | now) - (was & now)).mapped("name")),
                    )
                )

    def _credit_check_moved(self, before):
        """Raise AccessError if somebody with open orders was taken out of a customer whose credit is limited.

        :param before: {partner: customer it belonged to}
        """
        if self.env["credit.account"]._user_may_manage():
            return
        moved = self.filtered(lambda partner: before[partner] not in (partner, partner.commercial_partner_id))
        if not moved:
            return
        limited = (
            self.env["credit.account"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", [before[partner].id for partner in moved]),
                    "|",
                    ("mode", "!=", "unlimited"),
                    ("frozen", "=", True),
                ]
            )
            .partner_id
        )
        for partner in moved.filtered(lambda partner: before[partner] in limited):
            family = self.sudo().with_context(active_test=False).search([("id", "child_of", partner.id)])
            # Invoices stay with the customer they were posted for; orders follow their invoice address.
            if (
                self.env["sale.order"]
                .sudo()
                .search_count(
                    [
                        ("partner_invoice_id", "in", family.ids),
                        ("state", "=", "sale"),
                        ("uninvoiced_amount", ">", 0),
                    ],
                    limit=1,
                )
            ):
                raise AccessError(
                    self.env._(
                        "%(contact)s has orders that count for the credit limit of %(customer)s: "
                        "only credit managers may separate them.",
                        contact=partner.display_name,
                        customer=before[partner].display_name,
                    )
                )


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    def write(self, vals):
        if "partner_ids" not in vals:
            return super().write(vals)
        before = {partner: partner.category_id for partner in self.partner_ids}
        result = super().write(vals)
        partners = self.partner_ids
        self.env["res.partner"].union(*before, partners)._credit_check_tags(
            {**{partner: partner.category_id - self for partner in partners if partner not in before}, **before}
        )
        return result
