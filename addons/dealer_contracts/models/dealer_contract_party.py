import phonenumbers

from odoo import api, fields, models

# What part 11 asks of both parties.
PARTY_FIELDS = (
    "name",
    "address",
    "contact",
    "phone",
    "legal_representative",
    "signatory",
    "bank_name",
    "bank_account",
    "tax_number",
)


class DealerContractParty(models.Model):
    """One of the two parties, with its data as the contract states them (D1, part 11): kept from the submission on."""

    _name = "dealer.contract.party"
    _description = "Party of a Contract"
    _inherit = ["dealer.contract.content"]
    _order = "contract_id, role"

    role = fields.Selection([("a", "Party A (Us)"), ("b", "Party B (the Dealer)")], required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Taken from", required=True, ondelete="restrict")
    name = fields.Char("Full Name")
    address = fields.Char()
    contact = fields.Char()
    phone = fields.Char("Telephone")
    legal_representative = fields.Char()
    signatory = fields.Char("Signing Representative")
    bank_name = fields.Char("Bank")
    bank_account = fields.Char("Account")
    tax_number = fields.Char()
    licences = fields.Text(help="Licences with their numbers and how long they hold; printed where there are any.")

    _role_unique = models.Constraint("UNIQUE (contract_id, role)", "A contract has each party once.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._format_phone(vals)
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        for party in self[:1]:
            self._format_phone(vals, party.partner_id)
        return super().write(vals)

    def _format_phone(self, vals, partner=None):
        """Write a valid number the international way; leave others as they are, the check names them."""
        partner = partner or self.env["res.partner"].browse(vals.get("partner_id"))
        number = self._parse_phone(vals.get("phone"), partner)
        if number:
            vals["phone"] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    @api.model
    def _parse_phone(self, text, partner):
        """Return the valid telephone number in a text, None if there isn't one."""
        country = partner.country_id or self.env.company.country_id
        try:
            number = phonenumbers.parse(text or "", country.code or "CN")
        except phonenumbers.NumberParseException:
            return None
        return number if phonenumbers.is_valid_number(number) else None

    def _problems(self):
        """Return sentences about what a party lacks."""
        self.ensure_one()
        labels = dict(self._fields["role"]._description_selection(self.env))
        role = labels[self.role]
        problems = [
            self.env._("%(party)s: %(field)s", party=role, field=self._fields[name]._description_string(self.env))
            for name in PARTY_FIELDS
            if not (self[name] or "").strip()
        ]
        if self.phone and not self._parse_phone(self.phone, self.partner_id):
            problems.append(self.env._("%(party)s: %(phone)s is no telephone number", party=role, phone=self.phone))
        return problems

    @api.model
    def _values(self, role, partner):
        """Return what the records say about a party now.

        :param str role: "a" or "b"
        :param partner: the firm
        """
        firm = partner.commercial_partner_id or partner
        contact = firm.child_ids.filtered(lambda child: child.type == "contact")[:1]
        signatory = firm.contract_signatory_id or contact
        bank = firm.bank_ids[:1]
        return {
            "role": role,
            "partner_id": firm.id,
            "name": firm.name,
            "address": self._address(firm),
            "contact": contact.name or signatory.name or False,
            "phone": firm.phone or contact.phone or False,
            "legal_representative": firm.legal_representative,
            "signatory": signatory.name or firm.legal_representative,
            "bank_name": bank.bank_id.name or False,
            "bank_account": bank.acc_number or False,
            "tax_number": firm.vat or False,
            "licences": self._licences(firm),
        }

    @api.model
    def _address(self, firm):
        """Return an address on one line: from the whole to the part where the country writes it so."""
        parts = [firm.state_id.name, firm.city, firm.street, firm.street2]
        if firm.country_id.code not in (False, "CN", "TW", "HK", "MO", "JP", "KR"):
            parts = [firm.street, firm.street2, firm.city, firm.state_id.name, firm.zip, firm.country_id.name]
            return ", ".join(filter(None, parts))
        return "".join(filter(None, parts)) or False

    @api.model
    def _licences(self, firm):
        """Hook: return the licences of a firm as text, one a line."""
        return False

    def _fill(self, only_blank=False):
        """Take over what the records say now."""
        for party in self:
            values = self._values(party.role, party.partner_id)
            if only_blank:
                values = {name: value for name, value in values.items() if value and not party[name]}
            if values:
                party.write(values)
