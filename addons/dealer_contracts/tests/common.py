import json

from odoo import Command
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

GROUP = "dealer_contracts.group_contract_"
# A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class ContractData:
    """A firm with people of every role, a dealer with everything that a contract asks for, and a price list."""

    @classmethod
    def _make_data(cls):
        cls.company = cls.env.ref("base.main_company")
        cls.company.partner_id.tz = "UTC"
        cls.cny = cls.env.ref("base.CNY")
        cls.cny.active = True
        cls.author = cls._user("author", "user", name="写手 Author")
        cls.colleague = cls._user("colleague", "user")
        cls.custodian = cls._user("custodian", "custodian", name="Kay Custodian")
        cls.manager = cls._user("manager", "manager", name="Mana Ger")
        cls.legal = cls._user("legal", "legal", name="Lea Legal")
        cls.finance = cls._user("finance", "finance", name="Fin Ance")
        cls.director = cls._user("director", "director", name="Di Rector")
        cls.salesman = new_test_user(cls.env, "contract_salesman", "sales_team.group_sale_salesman_all_leads")
        china = cls.env.ref("base.cn")
        bank = cls.env["res.bank"].create({"name": "中国工商银行上海分行"})
        cls.company.partner_id.write(
            {
                "name": "华东医药批发有限公司",
                "street": "南京路1号",
                "city": "上海市",
                "country_id": china.id,
                "phone": "021 6329 1234",
                "vat": "91310000132211811X",
                "legal_representative": "王建国",
                "bank_ids": [Command.clear(), Command.create({"acc_number": "1001 2000 3000", "bank_id": bank.id})],
                "child_ids": [Command.create({"name": "李梅", "type": "contact"})],
            }
        )
        cls.dealer, cls.other_dealer = (
            cls.env["res.partner"].create(
                {
                    "name": name,
                    "is_company": True,
                    "street": "人民路8号",
                    "city": "杭州市",
                    "country_id": china.id,
                    "phone": "13800138000",
                    "email": email,
                    "vat": vat,
                    "legal_representative": "陈大明",
                    "bank_ids": [Command.create({"acc_number": vat[-8:], "bank_id": bank.id})],
                    "child_ids": [Command.create({"name": person, "type": "contact", "email": email})],
                }
            )
            for name, person, email, vat in (
                ("杭州康泰药业有限公司", "赵强", "zhao@example.com", "91330100MA27XXXX1A"),
                ("宁波仁和医药有限公司", "孙丽", "sun@example.com", "91330200MA28XXXX2B"),
            )
        )
        cls.dealer_user, cls.other_user = (
            new_test_user(
                cls.env, f"portal_{login}", "base.group_portal", name=f"Portal {login}", email=f"{login}@example.com"
            )
            for login in ("dealer", "other")
        )
        cls.dealer_user.partner_id.write({"parent_id": cls.dealer.id, "type": "other"})
        cls.other_user.partner_id.write({"parent_id": cls.other_dealer.id, "type": "other"})
        cls.product = cls.env["product.product"].create({"name": "板蓝根颗粒", "type": "consu", "list_price": 12.5})
        cls.second_product = cls.env["product.product"].create({"name": "感冒灵胶囊", "type": "consu", "list_price": 8})
        cls.term = cls.env.ref("account.account_payment_term_30days")
        cls.template = cls.env.ref("dealer_contracts.template_sale_zh")
        cls.framework = cls.env.ref("dealer_contracts.template_framework_zh")
        cls.english = cls.env.ref("dealer_contracts.template_sale_en")

    @classmethod
    def _user(cls, login, group, **values):
        return new_test_user(cls.env, f"contract_{login}", GROUP + group, email=f"{login}@example.com", **values)

    @classmethod
    def _draft(cls, dealer=None, user=None, **values):
        """A complete draft: 1,000 at 12.50 and 200.5 at 8.00, as the author would make it."""
        rows = ((cls.product, 1000, 12.5, "10g×20袋"), (cls.second_product, 200.5, 8, "0.3g×24粒"))
        return (
            cls.env["dealer.contract"]
            .with_user(user or cls.author)
            .create(
                {
                    "partner_id": (dealer or cls.dealer).id,
                    "template_id": cls.template.id,
                    "currency_id": cls.cny.id,
                    "date_signed": "2026-01-05",
                    "date_start": "2026-01-10",
                    "date_end": "2027-01-10",
                    "sign_place": "上海",
                    "payment_term_id": cls.term.id,
                    "no_policy": True,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "brand": "白云山",
                                "specification": specification,
                                "quantity": quantity,
                                "price_unit": price,
                            }
                        )
                        for product, quantity, price, specification in rows
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _approved(cls, *args, **values):
        contract = cls._draft(*args, **values)
        contract.action_submit()
        cls._approve(contract)
        return contract

    @classmethod
    def _approve(cls, contract):
        for user in (cls.legal, cls.finance, cls.director):
            contract.with_user(user).action_approve()

    @classmethod
    def _sent(cls, *args, **values):
        contract = cls._approved(*args, **values)
        contract.action_send()
        return contract

    @classmethod
    def _signed(cls, *args, **values):
        contract = cls._sent(*args, **values)
        contract.sudo()._sign("赵强", PIXEL, contract.issued_sha256, "192.0.2.7", cls.dealer_user)
        return contract

    @classmethod
    def _filed(cls, *args, **values):
        contract = cls._signed(*args, **values)
        keeper = contract.with_user(cls.custodian)
        keeper.write({"custodian_id": cls.custodian.id, "paper_place": "A-3", "copies_kept": 2})
        keeper.action_file()
        return contract

    @classmethod
    def _flip(cls, file):
        """Change one byte of the stored bytes of a kept file, as somebody at the disk would."""
        attachment = (
            cls.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", file._name), ("res_id", "=", file.id), ("res_field", "=", "content")])
        )
        content = bytearray(attachment.raw)
        content[len(content) // 2] ^= 1
        path = attachment._full_path(attachment.store_fname) + "x"
        with open(path, "wb") as stored:
            stored.write(content)
        cls.env.cr.execute("UPDATE ir_attachment SET store_fname = store_fname || 'x' WHERE id = %s", [attachment.id])
        attachment.invalidate_recordset()

    @classmethod
    def rpc(cls, user, record, method, *args, **kwargs):
        """Call as a client does: values pass through JSON, ``record`` may be empty."""
        args = json.loads(json.dumps([record.ids, *args] if record else list(args)))
        return call_kw(cls.env[record._name].with_user(user), method, args, kwargs)


class ContractCase(ContractData, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_data()
