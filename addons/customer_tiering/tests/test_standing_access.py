from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerTieringCommon, CustomerTieringRpc

MODELS = "odoo.addons.base.models.ir_model"
RULES = "odoo.addons.base.models.ir_rule"

# A closed list of who may do what: read, write, create, unlink. Whatever model is added has to be entered here.
ALLOWED = {
    #                            director officer reader seller clerk portal
    "customer.key.account": ("rwc", "rwc", "r", "r", "", ""),
    "customer.support.unit": ("rwc", "rwc", "r", "r", "", ""),
    "customer.special.care": ("rwc", "rwc", "r", "r", "", ""),
    "customer.standing.criterion": ("rwcu", "r", "r", "", "", ""),
    "customer.standing.rule": ("rw", "r", "r", "", "", ""),
    "customer.service.focus": ("rwcu", "r", "r", "r", "r", ""),
    "customer.analysis.report": ("r", "r", "r", "", "", ""),
}
STANDINGS = ("customer.key.account", "customer.support.unit", "customer.special.care")


@tagged("post_install", "-at_install")
class TestShop(CustomerTieringCommon):
    """The shop decides about special support, so not every salesperson says how large it is."""

    def test_the_shop_is_set_by_officers(self):
        shop = self._shop("Shop", user_id=self.seller.id)
        for name, value in (("shop_area", 250), ("shop_location", "busy")):
            with self.assertRaises(AccessError):
                shop.with_user(self.seller).write({name: value})
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(self.seller).create({"name": "Mine", name: value})
            shop.with_user(self.officer).write({name: value})
            self.assertEqual(shop[name], value)
            shop.with_user(self.seller).write({name: value, "comment": "Unchanged is no change"})


@tagged("post_install", "-at_install")
class TestRule(CustomerTieringCommon):
    """How many optional criteria are asked for is data."""

    def test_optional_criteria_of_the_plaque(self):
        criteria = self.env["customer.standing.criterion"].search([("purpose", "=", "plaque")])
        criteria.active = False
        by_class, loyal = (
            self.env.ref(f"customer_tiering.customer_standing_criterion_plaque_{name}") for name in ("class", "loyal")
        )
        (by_class | loyal).active = True
        loyal.required = False
        rule = self.env.ref("customer_tiering.customer_standing_rule_plaque").with_user(self.director)
        self.assertEqual((rule.required_count, rule.other_count, rule.optional_count), (1, 1, 0))
        half = self._shop("Half", 12, 2.3, customer_loyalty="half")
        loyal_shop = self._shop("Loyal", 12, 2.3, customer_loyalty="loyal")
        self._apply()
        units = self.env["customer.support.unit"].with_user(self.officer)
        self.assertEqual(units._propose_by_rule(self.company).partner_id, half | loyal_shop)
        rule.optional_count = 1
        units._propose_by_rule(self.company)
        states = {unit.partner_id: unit.state for unit in units.search([])}
        self.assertEqual(states, {half: "lapsed", loyal_shop: "proposed"})

    def test_rules_stay(self):
        rule = self.env.ref("customer_tiering.customer_standing_rule_worth").with_user(self.director)
        with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
            rule.unlink()
        with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
            rule.with_user(self.officer).optional_count = 0


@tagged("post_install", "-at_install")
class TestStandingRpc(CustomerTieringRpc):
    """The standings over HTTP: what a client with a script may do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("tier_portal", "base.group_portal")
        cls.users = (cls.director, cls.officer, cls.reader, cls.seller, cls.clerk, cls.portal)

    def _propose_all(self, customer):
        """Return {model: standing of the customer}, proposed."""
        values = {"partner_id": customer.id, "company_id": self.company.id}
        return {model: self.env[model].with_user(self.officer).create(values) for model in STANDINGS}

    def test_operations_of_standings(self):
        """Read, write, create and delete of every model by every role; letters are what is allowed, and works."""
        stored = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "customer_tiering" and not model._abstract and not model._transient
        }
        self.assertEqual({name for name in stored if not name.startswith("customer.tier")}, set(ALLOWED))
        cells = self.env["customer.service.focus"]
        focus = {"ownership": "state", "loyalty": "loyal", "focus": "By RPC"}
        for number, user in enumerate(self.users):
            own = self._shop(f"Of {user.login}", 1, 10, user_id=self.seller.id)
            other = self._shop(f"For {user.login}", user_id=self.seller.id)
            cells.search([("ownership", "=", "state"), ("loyalty", "=", "loyal")]).unlink()
            cell = cells.search([("ownership", "=", "private"), ("loyalty", "=", "loyal")])
            criterion = {
                "name": "By RPC",
                "purpose": "worth",
                "metric_id": self.env.ref("customer_metrics.customer_metric_orders").id,
            }
            report = self.env["customer.analysis.report"].search([("partner_id", "=", own.id)], limit=1)
            spare = {
                **self._propose_all(own),
                "customer.standing.criterion": self.env["customer.standing.criterion"].create(criterion),
                "customer.standing.rule": self.env.ref("customer_tiering.customer_standing_rule_worth"),
                "customer.service.focus": cell or cells.create({**focus, "ownership": "private"}),
                "customer.analysis.report": report,
            }
            harmless = {
                "customer.key.account": {"strategy": "By RPC"},
                "customer.support.unit": {"benefits": "By RPC"},
                "customer.special.care": {"measures": "By RPC"},
                "customer.standing.criterion": {"bound": 2},
                "customer.standing.rule": {"optional_count": 1},
                "customer.service.focus": {"focus": "By RPC"},
                "customer.analysis.report": {"margin": 1},
            }
            proposal = {"partner_id": other.id, "company_id": self.company.id}
            fresh = {
                **dict.fromkeys(STANDINGS, proposal),
                "customer.standing.criterion": criterion,
                "customer.standing.rule": {"purpose": "worth"},
                "customer.service.focus": focus,
                "customer.analysis.report": {"partner_id": other.id},
            }
            for model, letters in ALLOWED.items():
                ids = spare[model].ids
                self.assertTrue(ids, model)
                for letter, method, args in (
                    ("r", "read", (ids, ["display_name"])),
                    ("w", "write", (ids, harmless[model])),
                    ("c", "create", ([fresh[model]],)),
                    ("u", "unlink", (ids,)),
                ):
                    with self.subTest(user=user.login, model=model, operation=method):
                        if letter in letters[number]:
                            self.assertTrue(self._call(user, model, method, *args))
                        else:
                            self._refused(user, model, method, *args)

    def test_others_customers(self):
        """Salespeople read what is about their own customers, and what they are responsible for."""
        standings = self._propose_all(self._shop("Other's shop", 1, 10))
        for model, standing in standings.items():
            self._refused(self.seller, model, "read", standing.ids, ["partner_id"])
            self.assertEqual(self._call(self.seller, model, "search_count", []), 0)
            standing.user_id = self.seller
            self.assertTrue(self._call(self.seller, model, "read", standing.ids, ["partner_id"]))

    def test_decisions_on_standings(self):
        shop = self._shop("Shop", 1, 10, user_id=self.seller.id)
        for model, standing in self._propose_all(shop).items():
            decision = {
                "decision": "confirm",
                "res_model": model,
                "res_ids": standing.ids,
                "reason": "By RPC",
            }
            for user in self.users[1:]:
                for method in ("action_confirm", "action_refuse", "action_end"):
                    self._refused(user, model, method, standing.ids)
                self._refused(user, "customer.standing.decision", "create", decision)
            for user in self.users:
                self._refused(user, model, "write", standing.ids, {"state": "confirmed"})
                self._refused(user, model, "write", standing.ids, {"figures": {}})
                for private in ("_decide", "_end", "_close", "_propose", "_confirmed", "_check_group"):
                    self._refused(user, model, private, standing.ids)
            wizard = self._call(self.director, "customer.standing.decision", "create", decision)
            self._call(self.director, "customer.standing.decision", "action_decide", wizard)
            standing.invalidate_recordset()
            self.assertEqual((standing.state, standing.decided_by), ("confirmed", self.director))
            self._refused(self.director, model, "write", standing.ids, {"decision_reason": "Another"})
        unit = self.env["customer.support.unit"].search([("partner_id", "=", shop.id)])
        for user in self.users[2:]:
            self._refused(user, "customer.support.unit", "action_issue", unit.ids)
            self._refused(user, "customer.standing.proposal", "create", {"kind": "key"})
        self._call(self.officer, "customer.support.unit", "action_issue", unit.ids)
        self.assertEqual(unit.plaque_state, "issued")

    def test_other_companies(self):
        standings = self._propose_all(self._shop("Shop", 1, 10))
        other = self.setup_other_company()["company"]
        outsider = self._user("tier_outsider", "customer_tiering.group_tier_director")
        outsider.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in (*STANDINGS, "customer.analysis.report"):
            self.assertEqual(self._call(outsider, model, "search_count", []), 0, model)
        for model, standing in standings.items():
            with self.assertRaises(AccessError), mute_logger(RULES):
                standing.with_user(outsider)._decide(True, "Mine")
            self._refused(outsider, model, "create", {"partner_id": self.customer.id, "company_id": self.company.id})
