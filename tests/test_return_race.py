"""A1, A3: two server processes that act at the same moment never take more back than was delivered, nor decide one
complaint, nor make one remedy, twice."""

from functools import partial

import pytest

from servers import Refusal, at_once, suite_copy, two_servers

ROUNDS = 6
DELIVERED, WANTED = 10, 6


@pytest.fixture(scope="module")
def race():
    with suite_copy("return_race") as name, two_servers(name) as servers:
        yield Race(servers)


class Race:
    """Two people who may take every step, each on a server of their own, and goods that were delivered."""

    def __init__(self, servers):
        self.admin = servers[0].login("admin")
        groups = [
            (4, self._reference(group))
            for group in (
                "aftersales_complaint.group_complaint_manager",
                "stock.group_stock_manager",
                "sales_team.group_sale_manager",
            )
        ]
        logins = ("return_race_one", "return_race_two", "return_race_three")
        values = [{"name": login, "login": login, "password": login, "group_ids": groups} for login in logins]
        self.admin.call("res.users", "create", values)
        # Who decides has not investigated: that is a third person's.
        self.investigator = servers[0].login(logins[2])
        users = self.admin.call("res.users", "search", [("login", "in", logins)])
        self.admin.call("complaint.cap", "create", [{"user_id": user, "amount": 1000} for user in users])
        self.people = [server.login(login) for server, login in zip(servers, logins, strict=False)]
        product = {"name": "Race Boxes", "is_storable": True, "list_price": 10, "taxes_id": []}
        self.product = self.admin.call("product.product", "create", [product])[0]
        self.customer = self.admin.call("res.partner", "create", [{"name": "Race Dealer", "is_company": True}])[0]
        self.kind = self._reference("aftersales_complaint.complaint_kind_quality")
        self.cause = self._reference("aftersales_complaint.complaint_cause_storage")

    def _reference(self, xmlid):
        return self.admin.call("ir.model.data", "check_object_reference", *xmlid.split("."))[1]

    def deliver(self, count):
        """Deliver ten boxes on each of so many orders; return (order, its line, its transfer)."""
        person = self.investigator
        line = {"product_id": self.product, "product_uom_qty": DELIVERED, "price_unit": 10, "tax_ids": []}
        values = [{"partner_id": self.customer, "order_line": [(0, 0, line)]} for _order in range(count)]
        orders = person.call("sale.order", "create", values)
        person.call("sale.order", "action_confirm", orders)
        found = person.call("sale.order", "read", orders, ["order_line", "picking_ids"])
        lines = [order["order_line"][0] for order in found]
        pickings = [order["picking_ids"][0] for order in found]
        moves = person.call("stock.move", "search", [("picking_id", "in", pickings)])
        person.call("stock.move", "write", moves, {"quantity": DELIVERED, "picked": True})
        person.call("stock.picking", "button_validate", pickings)
        return list(zip(orders, lines, pickings, strict=True))

    def complaints(self, goods):
        """Begin the investigation of one complaint about each of (order, line, transfer)."""
        person = self.investigator
        values = [
            {
                "partner_id": self.customer,
                "subject": "Wet",
                "order_id": order,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "kind_id": self.kind,
                            "product_id": self.product,
                            "order_line_id": line,
                            "quantity": WANTED,
                        },
                    )
                ],
            }
            for order, line, _picking in goods
        ]
        complaints = person.call("complaint.complaint", "create", values)
        person.call("complaint.complaint", "action_acknowledge", complaints)
        person.call("complaint.complaint", "write", complaints, {"impact": "None"})
        person.call("complaint.complaint", "action_assess", complaints)
        person.call("complaint.complaint", "action_investigate", complaints)
        found = {"findings": "Rain", "cause_id": self.cause, "responsibility": "own"}
        person.call("complaint.complaint", "write", complaints, found)
        person.call("complaint.complaint", "write", complaints, {"decision": "accepted", "decision_note": "Right"})
        return complaints

    def remedy(self, person, complaint, kind="return", quantity=WANTED):
        line = person.call("complaint.line", "search", [("complaint_id", "=", complaint)])[0]
        values = {"complaint_id": complaint, "line_id": line, "kind": kind, "quantity": quantity}
        return person.call("complaint.remedy", "create", [values])[0]

    def prepared_return(self, person, picking):
        """Fill in the window of Odoo's own returns; return it."""
        wizard = person.call("stock.return.picking", "create", [{"picking_id": picking}])[0]
        rows = person.call("stock.return.picking.line", "search", [("wizard_id", "=", wizard)])
        person.call("stock.return.picking.line", "write", rows, {"quantity": WANTED})
        return wizard

    def announced(self, line):
        """Return what is promised or on its way back of an order line."""
        remedies = self.admin.call(
            "complaint.remedy",
            "search_read",
            [("order_line_id", "=", line), ("kind", "=", "return"), ("state", "!=", "cancelled")],
            ["quantity"],
        )
        moves = self.admin.call(
            "stock.move",
            "search_read",
            [("sale_line_id", "=", line), ("location_id.usage", "=", "customer"), ("state", "!=", "cancel")],
            ["product_uom_qty"],
        )
        return sum(row["quantity"] for row in remedies) + sum(row["product_uom_qty"] for row in moves)

    def both(self, *calls):
        """Have both people act at the same moment; return the refusals."""
        answers = at_once(*calls)
        return [answer for answer in answers if isinstance(answer, Refusal)]


def test_never_above_the_delivery(race):
    goods = race.deliver(ROUNDS)
    first, second = race.complaints(goods), race.complaints(goods)
    outcomes = []
    for (_order, line, _picking), *pair in zip(goods, first, second, strict=True):
        refusals = race.both(
            *(partial(race.remedy, person, complaint) for person, complaint in zip(race.people, pair, strict=True))
        )
        assert all("10 delivered, 0 returned and 12 on the way back" in refusal for refusal in refusals)
        outcomes.append((len(refusals), race.announced(line)))
    assert outcomes == [(1, WANTED)] * ROUNDS


def test_never_above_by_odoos_own_return(race):
    """One promises a return, the other one takes the goods back by the button of the delivery."""
    goods = race.deliver(ROUNDS // 2)
    outcomes = []
    for (_order, line, picking), complaint in zip(goods, race.complaints(goods), strict=True):
        one, other = race.people
        wizard = race.prepared_return(other, picking)
        refusals = race.both(
            partial(race.remedy, one, complaint),
            partial(other.call, "stock.return.picking", "action_create_returns", [wizard]),
        )
        assert all("2 too many" in refusal for refusal in refusals)
        outcomes.append((len(refusals), race.announced(line)))
    assert outcomes == [(1, WANTED)] * (ROUNDS // 2)


def test_decided_and_made_once(race):
    goods = race.deliver(ROUNDS // 2)
    outcomes = []
    for complaint in race.complaints(goods):
        remedy = race.remedy(race.investigator, complaint, "replacement", 1)
        decided = race.both(
            *(partial(person.call, "complaint.complaint", "action_decide", [complaint]) for person in race.people)
        )
        made = race.both(*(partial(person.call, "complaint.remedy", "action_make", [remedy]) for person in race.people))
        steps = race.admin.call("complaint.step", "search_read", [("complaint_id", "=", complaint)], ["kind"])
        kinds = [step["kind"] for step in steps]
        pickings = race.admin.call("stock.picking", "search_count", [("complaint_id", "=", complaint)])
        outcomes.append((len(decided), kinds.count("decided"), len(made), kinds.count("remedy"), pickings))
    assert outcomes == [(1, 1, 1, 1, 1)] * (ROUNDS // 2)
