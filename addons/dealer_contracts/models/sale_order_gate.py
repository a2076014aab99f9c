from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sale_order_hold.models.hold_reason import Edit, HoldReason

NAMED = 3
# What makes up the price of an order line.
PRICE_FIELDS = frozenset({"product_id", "product_uom_id", "price_unit", "discount", "tax_ids"})


class SaleOrder(models.Model):
    """The keeper of the gate for contracts: who trades has one, for these products and this area (D4)."""

    _inherit = "sale.order"

    contract_warning = fields.Text(compute="_compute_contract_warning", compute_sudo=True, groups="base.group_user")

    @api.depends(
        "partner_id",
        "partner_invoice_id",
        "partner_shipping_id",
        "company_id",
        "state",
        "hold_state",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.price_total",
    )
    @api.depends_context("lang")
    def _compute_contract_warning(self):
        """What the banner of a quotation says before anything is confirmed; the hold says it afterwards."""
        self.contract_warning = False
        concerned = self.filtered(
            lambda order: (
                order.state in ("draft", "sent")
                and order.hold_state not in ("held", "refused")
                and order.company_id
                and order.partner_invoice_id
            )
        )
        reason_model = self.env["sale.order.hold.reason"]
        for company, orders in concerned.grouped("company_id").items():
            timezone = self.env["res.company"]._hold_timezone(company.id)
            orders = orders.with_context(tz=timezone)
            question = orders._contract_question(company.id)
            if question is None:
                continue
            reasons = orders._contract_reasons(company.id, *self.env["dealer.contract"]._standings(question))
            for order in orders:
                found = reasons[order.id]
                if not found:
                    continue
                sentences = [reason_model._message(reason.code, reason.figures) for reason in found]
                if any(reason.level == "hold" for reason in found) and not order._hold_released("contract"):
                    sentences.insert(0, self.env._("On confirming, this order will be held:"))
                order.contract_warning = "\n".join(sentences)

    # === THE KEEPER === #

    def _hold_gate_fields(self):
        return super()._hold_gate_fields() | {"partner_shipping_id"}

    def _hold_questions(self):
        questions = super()._hold_questions()
        for company, orders in self.grouped("company_id").items():
            if question := orders._contract_question(company.id):
                questions["contract", company.id] = question
        return questions

    def _hold_reasons(self, answers):
        reasons = super()._hold_reasons(answers)
        for company, orders in self.grouped("company_id").items():
            if ("contract", company.id) in answers:
                standings = self.env["dealer.contract"]._standings_of(answers["contract", company.id])
                for order_id, found in orders._contract_reasons(company.id, *standings).items():
                    reasons[order_id] += found
        return reasons

    def _contract_question(self, company_id):
        """Return the expression of what has to be known of contracts; None where orders aren't checked against them."""
        gate = self.env["res.company"]._contract_gate(company_id)
        if gate.none == gate.range == gate.price == "off":
            return None
        today = fields.Date.context_today(self)
        places = self.partner_shipping_id._origin.ids if gate.range != "off" else []
        customers = self.hold_customer_id._origin.ids
        return self.env["dealer.contract"]._standings_question(company_id, customers, today, places)

    def _contract_reasons(self, company_id, standings, areas):
        """Return {order id: list of HoldReason} for orders of one company.

        :param standings, areas: what ``_standings_of`` gives
        """
        gate = self.env["res.company"]._contract_gate(company_id)
        reasons = {order.id: [] for order in self}
        for order in self:
            customer_id = order.hold_customer_id._origin.id
            if not customer_id:
                continue
            found = standings.get(customer_id, [])
            in_force = [standing for standing in found if standing.in_force]
            if not in_force:
                if gate.none != "off":
                    reasons[order.id].append(order._contract_missing(found, gate.none))
                continue
            if gate.range == gate.price == "off":
                continue
            lines = order.order_line.filtered(lambda line: not line.display_type and line.product_uom_qty > 0)
            if gate.range != "off":
                reasons[order.id] += order._contract_outside(lines, in_force, gate.range, areas)
            if gate.price != "off":
                reasons[order.id] += order._contract_prices(lines, in_force, gate.price)
        return reasons

    def _contract_missing(self, ended, level):
        if not ended:
            return HoldReason("contract", "contract_none", level, {})
        last = max(ended, key=lambda standing: standing.date_end)
        figures = {"number": last.number, "last_day": fields.Date.to_string(last.date_end - timedelta(days=1))}
        return HoldReason("contract", "contract_expired", level, figures)

    def _contract_outside(self, lines, standings, level, areas):
        """Return the reasons why goods on lines of the order aren't covered by any of the contracts in force.

        :param areas: {partner id: area id} of delivery addresses
        """
        numbers = ", ".join(standing.number for standing in standings)
        # By way of the templates: what products have of them is computed.
        products = lines.product_id.filtered(lambda product: product.product_tmpl_id.type != "service")
        path = self.env["dealer.area"]._path(areas.get(self.partner_shipping_id._origin.id))
        outside_range, outside_area = [], False
        for product in products:
            fitting = [standing for standing in standings if standing.covers_product(product)]
            if not fitting:
                outside_range.append(product.display_name)
            elif not any(standing.covers_area(path) for standing in fitting):
                outside_area = True
        reasons = []
        if outside_range:
            figures = {"number": numbers, "products": outside_range[:NAMED], "count": len(outside_range)}
            reasons.append(HoldReason("contract", "contract_products", level, figures))
        if outside_area:
            place = ", ".join(
                filter(
                    None,
                    (
                        self.partner_shipping_id.city,
                        self.partner_shipping_id.state_id.name,
                        self.partner_shipping_id.name,
                    ),
                )
            )
            reasons.append(HoldReason("contract", "contract_area", level, {"number": numbers, "place": place}))
        return reasons

    def _contract_prices(self, lines, standings, level):
        """Return the reason why prices of the order aren't those that contracts in force agree on.

        A product that no contract names a price for may cost anything. With taxes and discounts, a price may differ by
        the last digit that prices have, since it may have been agreed with taxes and be kept without.
        """
        agreed = defaultdict(list)
        for standing in standings:
            for product_id, unit_id, price in standing.prices:
                agreed[product_id].append((standing, unit_id, price))
        if not agreed:
            return []
        digits = self.env["decimal.precision"].precision_get("Product Price")
        rounding = self.currency_id.rounding
        other = []
        for line in lines:
            prices = agreed.get(line.product_id.id)
            if not prices or line.is_downpayment:
                continue
            quantity = line.product_uom_qty
            price = line.price_total / quantity
            slack = 10**-digits + rounding / quantity
            wanted = [self._contract_price(line, *row) for row in prices]
            if not any(abs(price - one) <= slack for one in wanted):
                nearest = min(zip(wanted, prices, strict=True), key=lambda pair: abs(pair[0] - price))
                other.append((line.product_id.display_name, price, nearest[0], nearest[1][0].number))
        if not other:
            return []
        figures = {
            "currency": self.currency_id.name,
            "digits": digits,
            "lines": [[name, round(price, digits), round(one, digits), no] for name, price, one, no in other[:NAMED]],
            "count": len(other),
        }
        return [HoldReason("contract", "contract_price", level, figures)]

    def _contract_price(self, line, standing, unit_id, price):
        """Return what a unit of an order line costs by a contract, in the currency of the order."""
        if unit_id != line.product_uom_id.id:
            price = self.env["uom.uom"].browse(unit_id)._compute_price(price, line.product_uom_id)
        if standing.currency_id != self.currency_id.id:
            currency = self.env["res.currency"].browse(standing.currency_id)
            day = fields.Date.context_today(self)
            price = currency._convert(price, self.currency_id, self.company_id, day, round=False)
        return price

    @contextmanager
    def _contract_judged(self, lines, names):
        """Bring the confirmed orders before the gate after products or prices were changed inside.

        :param lines: order lines, given back with the context that the change has to be made in
        :param names: fields that are changed
        """
        gate = self.env["res.company"]._contract_gate

        def judged(order):
            modes = gate(order.company_id.id)
            return order.state == "sale" and (
                (modes.range != "off" and "product_id" in names) or (modes.price != "off" and PRICE_FIELDS & names)
            )

        orders = self.filtered(judged)
        if not orders:
            yield lines
        elif edit := Edit.under_way(self.env):
            edit.touch(orders, judge=True)
            yield lines
        else:
            with orders._hold_edit(judge=True) as edit:
                yield lines.with_context(hold_edit=edit)

    # === TERMS OF THE CONTRACT === #

    def _compute_pricelist_id(self):
        """The price list that a contract in force agrees on comes before the customer's own."""
        super()._compute_pricelist_id()
        for order, terms in self._contract_terms():
            if order.state == "draft" and terms[0]:
                order.pricelist_id = terms[0]

    def _compute_payment_term_id(self):
        super()._compute_payment_term_id()
        for order, terms in self._contract_terms():
            if terms[1]:
                order.payment_term_id = terms[1]

    def _contract_terms(self):
        """Return [(order, (id of the price list, id of the payment terms))] by the customers' contracts in force.

        Of several contracts the one that began last and says something counts: one query for each company.
        """
        found = []
        self.env["dealer.contract"]._flush_standing()
        for company, orders in self.filtered("partner_id").grouped("company_id").items():
            if not company:
                continue
            customers = {order: order.partner_id.commercial_partner_id._origin.id for order in orders}
            timezone = self.env["res.company"]._hold_timezone(company.id)
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT contract.partner_id, contract.payment_term_id,
                           CASE WHEN list.active AND COALESCE(list.company_id, %(company)s) = %(company)s
                                THEN list.id END
                      FROM dealer_contract contract
                 LEFT JOIN product_pricelist list ON list.id = contract.pricelist_id
                     WHERE contract.company_id = %(company)s
                       AND contract.partner_id = ANY(%(customers)s)
                       AND contract.state IN ('filed', 'in_force')
                       AND contract.date_start <= %(today)s
                       AND contract.date_end > %(today)s
                  ORDER BY contract.date_start, contract.id
                    """,
                    company=company.id,
                    customers=[customer_id for customer_id in customers.values() if customer_id],
                    today=fields.Date.context_today(self.with_context(tz=timezone)),
                )
            )
            terms = {}
            for customer_id, term_id, pricelist_id in rows:
                before = terms.get(customer_id, (None, None))
                terms[customer_id] = (pricelist_id or before[0], term_id or before[1])
            found += [(order, terms[customer]) for order, customer in customers.items() if customer in terms]
        return found


class SaleOrderLine(models.Model):
    """Another product or price on a confirmed order comes before the gate, even if the order doesn't grow."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        named = {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        with self.env["sale.order"].browse(named)._contract_judged(self, {"product_id"}) as lines:
            return super(SaleOrderLine, lines).create(vals_list).with_env(self.env)

    def write(self, vals):
        if PRICE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        with self.order_id._contract_judged(self, vals.keys()) as lines:
            return super(SaleOrderLine, lines).write(vals)
