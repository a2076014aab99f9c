from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerTieringCommon, CustomerTieringRpc

MODELS = "odoo.addons.base.models.ir_model"
RULES = "odoo.addons.base.models.ir_rule"


@tagged("post_install", "-at_install")
class TestAccess(CustomerTieringCommon):
    """Who reads and does what, as real users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._shop("Shop", 12, 2.3, user_id=cls.seller.id)
        cls.foreign = cls._shop("Other's shop", 6, 1)
        cls.applied = cls._apply()
        cls.leader = cls._user("tier_leader", "sales_team.group_sale_salesman_all_leads")
        cls.portal = cls._user("tier_portal", "base.group_portal")

    def _count(self, model, user):
        return len(self.env[model].with_user(user).search([("partner_id", "in", (self.shop | self.foreign).ids)]))

    def test_reading(self):
        for model in ("customer.tier.membership", "customer.tier.history"):
            for user, count in (
                (self.director, 2),
                (self.officer, 2),
                (self.reader, 2),
                (self.leader, 2),
                (self.seller, 1),
            ):
                self.assertEqual(self._count(model, user), count, f"{model} {user.login}")
            for user in (self.clerk, self.portal):
                with self.assertRaises(AccessError), mute_logger(MODELS):
                    self._count(model, user)
        for user, allowed in (
            (self.reader, True),
            (self.officer, True),
            (self.seller, False),
            (self.leader, False),
            (self.clerk, False),
            (self.portal, False),
        ):
            for model in ("customer.tier.run", "customer.tier.run.line", "customer.tier.override"):
                self.assertEqual(self.env[model].with_user(user).has_access("read"), allowed, f"{model} {user.login}")

    def test_the_badge_is_for_employees(self):
        for user in (self.clerk, self.seller, self.leader, self.reader):
            self.assertEqual(self.foreign.with_user(user).customer_tier_id.name, "A", user.login)
        with self.assertRaises(AccessError), mute_logger(MODELS, RULES):
            self.portal.partner_id.with_user(self.portal).read(["customer_tier_id"])
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self.env["customer.tier"].with_user(self.portal).search([])

    def test_the_form_opens_for_everybody(self):
        for user, page in (
            (self.clerk, False),
            (self.seller, True),
            (self.reader, True),
            (self.director, True),
        ):
            arch = self.env["res.partner"].with_user(user).get_view(view_type="form")["arch"]
            self.assertEqual('name="customer_tiering"' in arch, page, user.login)
            self.shop.with_user(user).web_read({"customer_tier_id": {"fields": {"display_name": {}}}})

    def test_runs_are_made_by_officers(self):
        for user in (self.reader, self.seller, self.leader, self.clerk):
            with self.assertRaises(AccessError), mute_logger(MODELS):
                self._new_run(user=user)
        run = self._new_run()
        for method in ("action_compute", "action_apply", "action_cancel"):
            with self.assertRaises(AccessError), mute_logger(MODELS):
                getattr(run.with_user(self.reader), method)()

    def test_nothing_is_written_past_the_run(self):
        run = self._new_run(user=self.director)
        run.action_compute()
        for values in (
            {"state": "applied"},
            {"state": "approved"},
            {"needs_approval": False},
            {"requested_by": self.officer.id},
            {"approved_by": self.second_director.id},
            {"moved_count": 0},
            {"snapshot": {}},
            {"applied_line_id": 99},
            {"line_ids": []},
            {"month": "2024-01-01"},
        ):
            for user in (self.officer, self.director):
                with self.assertRaises(UserError, msg=values):
                    run.with_user(user).with_context(tracking_disable=True, install_mode=True).write(values)
        with self.assertRaises(AccessError):
            self.env["customer.tier.run"].with_user(self.director).create(
                {"scheme_id": self.wholesale.id, "state": "approved"}
            )
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self.env["customer.tier.run.line"].with_user(self.director).create({"run_id": run.id})
        line = self._line(run, self.shop).with_user(self.director)
        with self.assertRaises(AccessError), mute_logger(MODELS):
            line.write({"to_tier_id": self._tier("C").id})
        membership = self._membership(self.shop).with_user(self.director)
        for action in (
            lambda: membership.write({"tier_id": self._tier("C").id}),
            membership.unlink,
            lambda: membership.create({"partner_id": self.shop.id}),
        ):
            with self.assertRaises(UserError), mute_logger(MODELS):
                action()

    def test_defaults_of_the_client_open_nothing(self):
        run = (
            self.env["customer.tier.run"]
            .with_user(self.officer)
            .with_context(default_state="approved", default_requested_by=self.director.id, default_needs_approval=False)
            .create({"scheme_id": self.wholesale.id})
        )
        self.assertEqual((run.state, run.requested_by.id), ("draft", False))

    def test_kinds_are_set_by_officers(self):
        for name, value in (
            ("customer_nature", "first"),
            ("customer_ownership", "state"),
            ("customer_loyalty", "loyal"),
        ):
            with self.assertRaises(AccessError):
                self.shop.with_user(self.seller).write({name: value})
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(self.seller).create({"name": "Mine", name: value})
            self.shop.with_user(self.officer).write({name: value})
            self.assertEqual(self.shop[name], value)
            self.shop.with_user(self.seller).write({name: value, "comment": "Unchanged is no change"})
        self.env["res.partner"].with_user(self.seller).create({"name": "Mine", "customer_nature": False})

    def test_schemes_are_set_by_directors(self):
        for user in (self.officer, self.reader, self.seller, self.clerk):
            with self.assertRaises(AccessError), mute_logger(MODELS):
                self.retail.with_user(user).tolerance = 5
            with self.assertRaises(AccessError), mute_logger(MODELS):
                self._tier("C").with_user(user).bound = 0.4
        self.retail.with_user(self.director).tolerance = 5

    def test_other_companies(self):
        other = self.setup_other_company()["company"]
        outsider = self._user("tier_outsider", "customer_tiering.group_tier_director")
        outsider.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in (
            "customer.tier.run",
            "customer.tier.run.line",
            "customer.tier.membership",
            "customer.tier.history",
        ):
            self.assertFalse(self.env[model].with_user(outsider).search([]), model)
        with self.assertRaises(AccessError), mute_logger(RULES):
            self.applied.with_user(outsider).action_compute()
        with self.assertRaises(AccessError), mute_logger(RULES):
            self.env["customer.tier.override"].with_user(outsider).create(
                {
                    "partner_id": self.shop.id,
                    "scheme_id": self.retail.id,
                    "company_id": self.company.id,
                    "tier_id": self._tier("C").id,
                    "reason": "Mine",
                    "date_to": "2030-01-01",
                }
            )

    def test_helpers_cannot_be_called_from_outside(self):
        public = {"action", "web", "get", "message", "activity", "name"}
        for model in ("run", "run.line", "membership", "history", "override", "scheme"):
            own = type(self.env[f"customer.tier.{model}"])
            for name, value in vars(own).items():
                if callable(value) and not name.startswith("_") and name.split("_")[0] not in public:
                    self.assertIn(name, ("create", "write", "unlink", "copy_data", "pool"), f"{model}.{name}")


@tagged("post_install", "-at_install")
class TestRpc(CustomerTieringRpc):
    """The same over HTTP: what a client with a script may do."""

    def test_operations(self):
        """Read, write, create and delete of every model by every role; letters are what is allowed, and works."""
        shop = self._shop("Shop", 12, 2.3, user_id=self.seller.id)
        # A closed list of who may do what; whatever model is added has to be entered here.
        allowed = {
            #                          director officer reader seller clerk
            "customer.tier.scheme": ("rwcu", "r", "r", "r", "r"),
            "customer.tier": ("rwcu", "r", "r", "r", "r"),
            "customer.tier.run": ("rwcu", "rwcu", "r", "", ""),
            "customer.tier.run.line": ("r", "r", "r", "", ""),
            "customer.tier.membership": ("r", "r", "r", "r", ""),
            "customer.tier.history": ("r", "r", "r", "r", ""),
            "customer.tier.override": ("rc", "r", "r", "", ""),
        }
        own = {
            data.res_id
            for data in self.env["ir.model.data"].search(
                [("module", "=", "customer_tiering"), ("model", "=", "ir.model")]
            )
        }
        names = self.env["ir.model"].browse(own).mapped("model")
        stored = [name for name in names if not (self.env[name]._abstract or self.env[name]._transient)]
        self.assertEqual({name for name in stored if name.startswith("customer.tier")}, set(allowed))
        run = self._apply()
        self.env["customer.tier.override"].create(
            {
                "partner_id": shop.id,
                "scheme_id": self.retail.id,
                "company_id": self.company.id,
                "tier_id": self._tier("A").id,
                "reason": "To be read",
                "date_to": "2030-01-01",
            }
        )
        users = (self.director, self.officer, self.reader, self.seller, self.clerk)
        for number, user in enumerate(users):
            other = self._shop(f"For {user.login}", 1, 1)
            spare_scheme = self.wholesale.copy({"name": "Spare"})
            spare_tier = self.env["customer.tier"].create({"scheme_id": self.wholesale.id, "name": "Spare", "bound": 3})
            # Unused ones, which may be deleted by who has the right.
            spare = {
                "customer.tier.scheme": spare_scheme,
                "customer.tier": spare_tier,
                "customer.tier.run": self._new_run(spare_scheme.copy({"name": "Another"})),
                "customer.tier.run.line": self._line(run, shop),
                "customer.tier.membership": self._membership(shop),
                "customer.tier.history": self._history(shop)[:1],
                "customer.tier.override": self.env["customer.tier.override"].search([("partner_id", "=", shop.id)]),
            }
            harmless = {
                "customer.tier.scheme": {"description": "By RPC"},
                "customer.tier": {"service_level": "By RPC"},
                "customer.tier.run": {"month": "2025-05-01"},
                "customer.tier.run.line": {"value": 1},
                "customer.tier.membership": {"value": 1},
                "customer.tier.history": {"value": 1},
                "customer.tier.override": {"reason": "By RPC"},
            }
            fresh = {
                "customer.tier.scheme": {"name": "By RPC"},
                "customer.tier": {"scheme_id": self.wholesale.id, "name": "By RPC", "bound": 4},
                "customer.tier.run": {"scheme_id": spare_scheme.copy({"name": "Third"}).id},
                "customer.tier.run.line": {"run_id": run.id, "partner_id": other.id},
                "customer.tier.membership": {
                    "partner_id": other.id,
                    "scheme_id": self.retail.id,
                    "company_id": self.company.id,
                },
                "customer.tier.history": {"partner_id": other.id, "scheme_id": self.retail.id, "move": "up"},
                "customer.tier.override": {
                    "partner_id": other.id,
                    "scheme_id": self.retail.id,
                    "company_id": self.company.id,
                    "tier_id": self._tier("C").id,
                    "reason": "By RPC",
                    "date_to": "2030-01-01",
                },
            }
            for model, letters in allowed.items():
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
            spare_tier.exists().unlink()
            self.env["customer.tier"].search([("name", "=", "By RPC"), ("bound", "=", 4)]).unlink()

    def test_decisions(self):
        shop = self._shop("Shop", 12, 2.3, user_id=self.seller.id)
        run = self._new_run(user=self.director)
        run.action_compute()
        line, override = self._line(run, shop), self.env["customer.tier.override"]
        tier = self._tier("C")
        fix = {
            "partner_id": shop.id,
            "scheme_id": self.retail.id,
            "company_id": self.company.id,
            "tier_id": tier.id,
            "reason": "RPC",
            "date_to": "2030-01-01",
        }
        for user in (self.reader, self.seller, self.clerk):
            self._refused(user, "customer.tier.run", "action_apply", run.ids)
            self._refused(user, "customer.tier.run", "write", run.ids, {"state": "applied"})
            self._refused(user, "customer.tier.run", "action_compute", run.ids)
            self._refused(user, "customer.tier.run", "action_cancel", run.ids)
            self._refused(user, override._name, "create", fix)
            self._refused(
                user, "customer.tier.decision", "create", {"run_id": run.id, "decision": "approve", "reason": "x"}
            )
            self._refused(user, "res.partner", "write", shop.ids, {"customer_nature": "distributor"})
        for user in (self.officer, self.director):
            self._refused(user, "customer.tier.run", "write", run.ids, {"state": "applied"})
            self._refused(user, "customer.tier.run.line", "write", line.ids, {"to_tier_id": tier.id})
            self._refused(user, "customer.tier.history", "create", {"partner_id": shop.id})
            for private in ("_apply_batch", "_approve", "_start_applying", "_cancel", "_set_back", "_take_turn"):
                self._refused(user, "customer.tier.run", private, run.ids)
            for private in ("_set_tiers", "_take_over", "_bring_effects"):
                self._refused(user, "customer.tier.membership", private, [])
        self._refused(self.officer, override._name, "create", fix)
        self.assertTrue(self._call(self.officer, "customer.tier.run", "action_apply", run.ids))
        self.assertEqual(self._class(shop), "AAA")
        found = self._call(self.seller, "customer.tier.membership", "search_count", [["partner_id", "=", shop.id]])
        self.assertEqual(found, 1)
        self._call(self.director, override._name, "create", fix)
        self.assertEqual(self._class(shop), "C")

    def test_xlsx(self):
        self._shop("Shop", 12, 2.3)
        run = self._new_run()
        run.action_compute()
        path = run.action_xlsx()["url"]
        for user, status in ((self.reader, 200), (self.seller, 403), (self.clerk, 403)):
            self.authenticate(user.login, user.login)
            with mute_logger("odoo.http", MODELS):
                answer = self.url_open(path)
            self.assertEqual(answer.status_code, status, user.login)
