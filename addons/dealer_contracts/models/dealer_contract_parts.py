import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from functools import reduce

from odoo import api, fields, models
from odoo.tools import float_repr

from . import paper_words
from .amount_in_words import amount_in_words
from .dealer_contract_clause import VARIABLE
from .paper_words import PARTS, WORDS

# What each part has to state (D1). Products, policy and parties have checks of their own.
REQUIRED = {
    "quality": ("quality_standard", "shelf_life_share"),
    "delivery": ("delivery_days", "delivery_place", "transport_mode", "transport_cost"),
    "acceptance": ("acceptance_days", "acceptance_method"),
    "distribution": ("distribution_level", "date_start", "date_end"),
    "settlement": ("payment_term_id", "payment_method"),
    "ordering": ("order_method", "order_lead_days", "return_terms"),
    "breach": ("late_rate", "breach_penalty", "dispute"),
    "signing": ("date_signed", "sign_place", "date_start", "copies"),
}
# On the paper, where a variable has no value yet.
BLANK = "________"
PARTY_KEYS = ("name", "address", "contact", "phone", "legal_representative", "signatory")
ACCOUNT_KEYS = ("bank_name", "bank_account", "tax_number")


class DealerContract(models.Model):
    """The eleven parts: what is missing, what the articles say, and the whole paper as data (D1, D2)."""

    _inherit = "dealer.contract"

    # === WHAT IS MISSING === #

    @api.depends(
        "template_id",
        "article_ids.body",
        "line_ids.brand",
        "line_ids.specification",
        "line_ids.quantity",
        "line_ids.price_unit",
        "party_ids",
        "area_ids",
        "category_ids",
        "exclusive",
        "pricelist_id",
        "policy_promotion",
        "policy_advertising",
        "policy_staff",
        "no_policy",
        "dispute_body",
        "auto_renew",
        "renewal_months",
        "notice_days",
        *sorted({name for names in REQUIRED.values() for name in names}),
    )
    @api.depends_context("lang")
    def _compute_part_problems(self):
        titles = dict(self.env["dealer.contract.article"]._fields["part"]._description_selection(self.env))
        for contract in self:
            problems = contract._part_problems()
            contract.part_problems = problems
            contract.missing = "\n".join(
                self.env._("%(part)s: %(problems)s", part=titles[part], problems=self._joined(sentences))
                for part, sentences in problems.items()
                if sentences
            )
            contract.missing_count = sum(map(len, problems.values()))

    def _joined(self, sentences):
        return reduce(lambda one, two: self.env._("%(one)s; %(two)s", one=one, two=two), sentences)

    def _part_problems(self):
        """Return {part: [what is missing or wrong]} for all eleven parts, in the order of the paper."""
        self.ensure_one()
        present = set(self.article_ids.mapped("part"))
        variables = self._variables()
        problems = {}
        for part, _title in PARTS:
            sentences = [
                self._fields[name]._description_string(self.env) for name in REQUIRED.get(part, ()) if not self[name]
            ]
            sentences += getattr(self, f"_part_problems_{part}", list)()
            if not sentences:
                sentences += self._blank_variables(part, variables)
            # The parties' part is the block that every contract has at its end.
            if part not in present and part != "parties":
                sentences.append(self.env._("no article says anything about it"))
            problems[part] = sentences
        return problems

    def _blank_variables(self, part, variables):
        """Return a sentence about what the articles of a part name and nobody has filled in; what has a check of its
        own is said there."""
        bodies = [article.body or "" for article in self.article_ids if article.part == part]
        # The number is given at the submission; every contract is asked for its last day already.
        checked = {"number", "last_day"}.union(*REQUIRED.values())
        names = {name for body in bodies for name in VARIABLE.findall(body)} - checked
        blank = sorted(name for name in names if not variables.get(name))
        return [self.env._("no value for %s", ", ".join(f"{{{name}}}" for name in blank))] if blank else []

    def _part_problems_subject(self):
        if not self.line_ids and self.kind == "framework":
            return (
                []
                if self.pricelist_id or self.category_ids
                else [self.env._("products, a product range or a price list")]
            )
        if not self.line_ids:
            return [self.env._("products")]
        return [
            self.env._(
                "%(product)s: %(missing)s", product=line.name or line.product_id.name, missing=", ".join(missing)
            )
            for line in self.line_ids
            if (missing := line._problems())
        ]

    def _part_problems_distribution(self):
        if not self.exclusive:
            if self.distribution_level == "sole":
                return [self.env._("a sole distributor is exclusive: say so, or choose another level")]
            return []
        problems = []
        if self.distribution_level == "none":
            problems.append(self.env._("an exclusive dealer has distribution rights: choose another level"))
        if not self.area_ids:
            problems.append(self.env._("areas, since the contract is exclusive"))
        return problems

    def _part_problems_policy(self):
        """What the dealer gets beside the goods; hook for those who know more of it than texts."""
        if self.no_policy or self._policy_texts():
            return []
        return [self.env._("rebates, promotion, advertising or staff support, or that there is none")]

    def _policy_texts(self):
        """Hook: return the sentences about what the dealer gets, in the language of the contract."""
        words = WORDS[self.lang or "en_US"]
        return [
            f"{words[name]}{words['colon']}{self[name].strip()}"
            for name in ("policy_promotion", "policy_advertising", "policy_staff")
            if (self[name] or "").strip()
        ]

    def _policy_text(self):
        """Hook: return what the article about the dealer policy says."""
        if self.no_policy:
            return WORDS[self.lang or "en_US"]["no_policy"]
        return "\n".join(self._policy_texts())

    def _part_problems_breach(self):
        if self.dispute == "arbitration" and not self.dispute_body:
            return [self._fields["dispute_body"]._description_string(self.env)]
        return []

    def _part_problems_signing(self):
        if not self.auto_renew:
            return []
        # Who may end a contract that goes on by itself has to know until when.
        return [
            self._fields[name]._description_string(self.env)
            for name in ("renewal_months", "notice_days")
            if not self[name]
        ]

    def _part_problems_parties(self):
        problems = [problem for party in self.party_ids.sorted("role") for problem in party._problems()]
        if len(self.party_ids) != 2:
            problems.append(self.env._("both parties"))
        return problems

    # === WORDS === #

    @api.depends("amount_total", "currency_id", "lang")
    def _compute_amount_words(self):
        for contract in self:
            contract.amount_words = contract._in_words(contract.amount_total) if contract.line_ids else False

    def _in_words(self, amount):
        """Return an amount in the currency of the contract in the words of its language."""
        return amount_in_words(Decimal(str(amount)), self.currency_id.name or "CNY", self.lang or "en_US")

    def _money(self, amount):
        return f"{Decimal(float_repr(amount, self.currency_id.decimal_places)):,}"

    @api.model
    def _plain(self, number):
        """Return a number without needless zeros: the same in every language."""
        return f"{Decimal(str(number)).normalize():,f}"

    @api.model
    def _variable_names(self):
        """Return the names that clauses may use in braces."""
        return frozenset(self._variables_of(self.browse()))

    def _variables(self):
        """Return {variable: text} in the language of the contract."""
        self.ensure_one()
        return self._variables_of(self)

    @api.model
    def _variables_of(self, contract):
        """Hook: the variables of a contract; of an empty record their names with empty texts."""
        lang = contract.lang or "en_US"
        words = WORDS[lang]
        last_day = contract.date_end and contract.date_end - timedelta(days=1)

        def choice(prefix, name):
            return words.get(f"{prefix}_{contract[name]}", "") if contract[name] else ""

        def number(name):
            return self._plain(contract[name]) if contract[name] else ""

        dispute = choice("dispute", "dispute")
        return {
            "number": contract.name or "",
            "party_a": contract.party_a_id.name or "",
            "party_b": contract.party_b_id.name or "",
            "date_signed": paper_words.date(contract.date_signed, lang),
            "date_start": paper_words.date(contract.date_start, lang),
            "last_day": paper_words.date(last_day, lang),
            "sign_place": contract.sign_place or "",
            "copies": number("copies"),
            "amount": self._money_text(contract),
            "amount_words": contract.amount_words or "",
            "currency": contract.currency_id.name or "",
            "quality_standard": contract.quality_standard or "",
            "shelf_life_share": number("shelf_life_share"),
            "delivery_days": number("delivery_days"),
            "delivery_place": contract.delivery_place or "",
            "transport": choice("transport", "transport_mode"),
            "transport_cost": choice("cost", "transport_cost"),
            "acceptance_days": number("acceptance_days"),
            "acceptance_method": contract.acceptance_method or "",
            "level": choice("level", "distribution_level"),
            "exclusivity": contract._exclusivity_words(words),
            "areas": contract._names_on_paper("area_ids") or words["all_areas"],
            "product_range": contract._product_range_words(words),
            "prices": contract._price_words(words),
            "payment_terms": contract.with_context(lang=lang).payment_term_id.name or "",
            "payment_method": choice("payment", "payment_method"),
            "policy": contract._policy_text() if contract else "",
            "order_method": contract.order_method or "",
            "order_lead_days": number("order_lead_days"),
            "return_terms": contract.return_terms or "",
            "late_rate": number("late_rate"),
            "breach_penalty": number("breach_penalty"),
            "dispute": dispute.format(body=contract.dispute_body or ""),
            "notice_days": number("notice_days"),
            "renewal_months": number("renewal_months"),
            "renewal": contract._renewal_words(words),
        }

    def _names_on_paper(self, name):
        """Return the names of areas or categories as a list, in the language of the contract."""
        lang = self.lang or "en_US"
        comma = "、" if lang == "zh_CN" else ", "
        return comma.join(self.with_context(lang=lang)[name].mapped("complete_name"))

    def _exclusivity_words(self, words):
        if self.distribution_level == "none":
            return words["no_rights"]
        return words["exclusive" if self.exclusive else "not_exclusive"]

    def _product_range_words(self, words):
        """Return what the contract is about: its products, its range, both, or everything."""
        categories = self._names_on_paper("category_ids")
        if not self.line_ids:
            return categories or words["all_products"]
        if categories:
            return words["listed_and_ranges"].format(categories=categories)
        return words["listed_products"]

    def _price_words(self, words):
        """Return by which prices is delivered what the contract is about."""
        pricelist = self.with_context(lang=self.lang or "en_US").pricelist_id
        other = words["price_list"].format(name=pricelist.name) if pricelist else words["price_order"]
        if not self.line_ids:
            return other
        if pricelist or self.category_ids:
            return words["price_other"].format(other=other)
        return words["price_listed"]

    def _renewal_words(self, words):
        """Return what happens at the end; nothing where that isn't agreed completely."""
        days = self._plain(self.notice_days) if self.notice_days else ""
        if not self.auto_renew:
            return words["renewal_none_days"].format(days=days) if days else words["renewal_none"]
        if not days or not self.renewal_months:
            return ""
        return words["renewal_auto"].format(days=days, months=self._plain(self.renewal_months))

    @api.model
    def _money_text(self, contract):
        return contract._money(contract.amount_total) if contract and contract.line_ids else ""

    def _article_texts(self, blank=None):
        """Return {article id: its text with the data in place of the variables}.

        :param str blank: what stands for a variable without value; by default it stays visible, in its braces
        """
        self.ensure_one()
        variables = self._variables() if self.article_ids else {}
        return {
            article._origin.id or article.id: VARIABLE.sub(
                lambda found: variables.get(found[1]) or blank or found[0], article.body or ""
            )
            for article in self.article_ids
        }

    # === THE WHOLE PAPER AS DATA === #

    def _content(self):
        """Return what the contract says, as plain data of its own rows. Hook: add what further fields say.

        Equal content gives equal data; names of other records, which may change, are represented by their ids.
        """
        self.ensure_one()
        names = sorted(
            {
                *self._term_fields(),
                "partner_id",
                "company_id",
                "currency_id",
                "template_id",
                "date_signed",
                "date_start",
                "date_end",
                "exclusive",
                "area_ids",
                "category_ids",
                "pricelist_id",
            }
        )
        return {
            "terms": self._plain_values(self, names),
            "lines": [
                self._plain_values(
                    line, ("product_id", "name", "brand", "specification", "uom_id", "quantity", "price_unit")
                )
                for line in self.line_ids.sorted(lambda line: (line.sequence, line.id))
            ],
            "articles": [
                self._plain_values(article, ("part", "title", "body"))
                for article in self.article_ids.sorted(lambda article: (article.sequence, article.id))
            ],
            "parties": [
                self._plain_values(party, ("role", *PARTY_KEYS, *ACCOUNT_KEYS, "licences"))
                for party in self.party_ids.sorted("role")
            ],
        }

    @api.model
    def _plain_values(self, record, names):
        values = {}
        for name in names:
            field, value = record._fields[name], record[name]
            if field.relational:
                value = sorted(value.ids)
            elif field.type in ("date", "datetime"):
                value = fields.Date.to_string(value)
            elif field.type in ("float", "monetary"):
                value = repr(value)
            values[name] = value
        return values

    def _content_digest(self):
        """Return the SHA-256 of what the contract says now."""
        text = json.dumps(self.sudo()._content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _paper(self):
        """Return the paper as data: what was kept at the submission; of a draft, what it would be now.

        The same for every reader, whatever language the screens are in.
        """
        self.ensure_one()
        contract = self.sudo()
        return contract.snapshot or contract._make_paper()

    def _make_paper(self):
        """Hook: return what is printed, as texts in the language of the contract."""
        lang = self.lang or "en_US"
        words = WORDS[lang]
        texts = self._article_texts(BLANK)
        articles = self.article_ids.sorted(lambda article: (article.sequence, article.id))
        last_day = self.date_end and self.date_end - timedelta(days=1)
        digits = self.env["decimal.precision"]
        return {
            "lang": lang,
            "title": self.template_id.title or "",
            "relation": words.get(self.relation, "") if self.relation else "",
            "origin": self.origin_id.name or "",
            "number": self.name or "",
            "version": self.version,
            "cover": self.template_id.cover,
            "company": self.company_id.name,
            "sign_place": self.sign_place or "",
            "date_signed": paper_words.date(self.date_signed, lang),
            "date_start": paper_words.date(self.date_start, lang),
            "last_day": paper_words.date(last_day, lang),
            "parties": [
                {
                    "role": party.role,
                    **{name: party[name] or "" for name in (*PARTY_KEYS, *ACCOUNT_KEYS, "licences")},
                }
                for party in self.party_ids.sorted("role")
            ],
            "articles": [
                {
                    "part": article.part,
                    "number": paper_words.heading(place, lang),
                    "title": article.title,
                    "paragraphs": [
                        {"number": f"{place}.{index}", "text": line.strip()}
                        for index, line in enumerate(filter(str.strip, texts[article.id].splitlines()), 1)
                    ],
                }
                for place, article in enumerate(articles, 1)
            ],
            "lines": [
                {
                    "product": line.name or line.product_id.name,
                    "brand": line.brand or "",
                    "specification": line.specification or "",
                    "uom": line.uom_id.with_context(lang=lang).name,
                    "quantity": self._plain(line.quantity) if line.quantity else "",
                    "price": f"{Decimal(float_repr(line.price_unit, digits.precision_get('Product Price'))):,}",
                    "subtotal": self._money(line.price_subtotal) if line.quantity else "",
                }
                for line in self.line_ids.sorted(lambda line: (line.sequence, line.id))
            ],
            "currency": self.currency_id.name,
            "total": self._money_text(self) if self.amount_total else "",
            "total_words": self.amount_words or "" if self.amount_total else "",
        }
