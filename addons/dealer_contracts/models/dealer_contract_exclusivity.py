from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

# From the last approval on an exclusive right is given away, until the contract ends.
GRANTING = ("approved", "sent", "signed", "filed", "in_force")


def overlap(paths, others):
    """Return the pairs of nodes, one of each, of which one lies within the other.

    :param dict paths: {key: path in the tree, ending with a slash}
    """
    return [
        (key, other)
        for key, path in paths.items()
        for other, other_path in others.items()
        if path.startswith(other_path) or other_path.startswith(path)
    ]


class DealerContract(models.Model):
    """Exclusive rights (D6): area x product range x period belong to one dealer."""

    _inherit = "dealer.contract"

    def _submission_problems(self):
        """Tell the author at once what would be refused at the last approval."""
        return [*super()._submission_problems(), *self._exclusivity_conflicts()]

    def _before_approved(self):
        super()._before_approved()
        self._claim_exclusivity()

    def _force_obstacles(self):
        obstacles = super()._force_obstacles()
        for contract, sentences in self._claimed_conflicts().items():
            obstacles.setdefault(contract, []).extend(sentences)
        return obstacles

    def _claim_exclusivity(self):
        """Make sure that nobody else has these rights; of two who claim them at once, one passes.

        :raise UserError: naming the other contract
        """
        if conflicts := self._claimed_conflicts():
            raise UserError("\n".join(sentence for sentences in conflicts.values() for sentence in sentences))

    def _claimed_conflicts(self):
        """Return {contract: sentences} of those whose rights somebody else has, under a lock.

        One search for all of them.
        """
        exclusive = self.filtered("exclusive")
        if not exclusive:
            return {}
        # Writing a row of the company before reading makes the loser of a race begin anew, with a fresh view.
        self.env.flush_all()
        self.env["sale.order.hold.lock"].sudo()._take(
            {(company.id, company.partner_id.id) for company in exclusive.company_id}
        )
        candidates = self.sudo().search(Domain.OR(contract._exclusivity_domain() for contract in exclusive))
        return {
            contract: sentences for contract in exclusive if (sentences := contract._exclusivity_conflicts(candidates))
        }

    def _exclusivity_conflicts(self, candidates=None):
        """Return a sentence for each contract of another dealer that has some of these rights already.

        :param candidates: contracts among which they are, where they have been searched for
        """
        self.ensure_one()
        if not self.exclusive or not self.date_start or not self.date_end:
            return []
        domain = self._exclusivity_domain()
        others = self.sudo().search(domain) if candidates is None else candidates.filtered_domain(domain)
        return [sentence for other in others if (sentence := self._exclusivity_conflict(other))]

    def _exclusivity_domain(self):
        chain = self.root_id or self
        end = None if self._goes_on() else self.date_end
        return (
            Domain("id", "!=", self.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("exclusive", "=", True)
            & Domain("state", "in", GRANTING)
            & Domain("partner_id", "!=", self.partner_id.id)
            & Domain("id", "!=", chain.id)
            & (Domain("root_id", "=", False) | Domain("root_id", "!=", chain.id))
            & (
                Domain("date_end", ">", self.date_start)
                | (Domain("auto_renew", "=", True) & Domain("notice_date", "=", False))
            )
            & (Domain("date_start", "<", end) if end else Domain.TRUE)
        )

    def _goes_on(self):
        """Tell whether the contract renews itself, so that nobody knows its last day."""
        return self.auto_renew and not self.notice_date

    def _exclusivity_conflict(self, other):
        """Return what two contracts have in common, as a sentence; None if nothing."""
        areas = overlap(self._area_paths(), other._area_paths())
        products = self._range_overlap(other)
        if not areas or not products:
            return None
        start = max(self.date_start, other.date_start)
        ends = [contract.date_end for contract in (self, other) if not contract._goes_on()]
        end = min(ends, default=None)
        if end and start >= end:
            return None
        area_names = {self._narrower_area(*pair) for pair in areas}
        return self.env._(
            "Exclusive rights of another dealer are in the way: contract %(number)s with %(customer)s, %(areas)s,"
            " %(products)s, %(start)s until %(end)s.",
            number=other.name or self.env._("Draft"),
            customer=other.partner_id.name,
            areas=", ".join(sorted(area_names)),
            products=", ".join(sorted(products)),
            start=format_date(self.env, start),
            end=format_date(self.env, fields.Date.subtract(end, days=1)) if end else self.env._("further notice"),
        )

    def _area_paths(self):
        """Return {area id: path}; no areas mean all of them."""
        return {area.id: area.parent_path for area in self.area_ids} or {0: ""}

    def _narrower_area(self, one, other):
        """Return the name of the one of two nodes that lies within the other."""
        names = {0: self.env._("all areas")}
        areas = self.env["dealer.area"].browse(filter(None, (one, other)))
        paths = {0: "", **{area.id: area.parent_path for area in areas}}
        names.update({area.id: area.complete_name for area in areas})
        return names[max((one, other), key=lambda key: len(paths[key]))]

    def _range(self):
        """Return (products, categories) that a contract is about; both empty for all products."""
        products = self.line_ids.product_id
        return products, self.category_ids

    def _range_overlap(self, other):
        """Return the names of what two contracts have in common of their products."""
        (products, categories), (other_products, other_categories) = self._range(), other._range()
        if not products and not categories and not other_products and not other_categories:
            return {self.env._("all products")}
        if not products and not categories:
            return {*other_products.mapped("display_name"), *other_categories.mapped("complete_name")}
        if not other_products and not other_categories:
            return {*products.mapped("display_name"), *categories.mapped("complete_name")}
        names = set((products & other_products).mapped("display_name"))
        by_id = {category.id: category for category in categories | other_categories}
        paths, other_paths = (
            {category.id: category.parent_path for category in found} for found in (categories, other_categories)
        )
        for one, two in overlap(paths, other_paths):
            narrower = max((one, two), key=lambda key: len(by_id[key].parent_path))
            names.add(by_id[narrower].complete_name)
        for found, within in ((products, other_paths), (other_products, paths)):
            names.update(
                product.display_name
                for product in found
                if any(product.categ_id.parent_path.startswith(path) for path in within.values())
            )
        return names
