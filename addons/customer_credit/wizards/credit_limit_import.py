import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from . import limit_sheet
from .limit_sheet import NONE, SheetError

SIZE_MAX = 10 * 1024 * 1024
ERRORS_SHOWN = 50
DAYS_MAX = 3650
# Fields by which the OCA's account_financial_risk is known, and what of it can't be told by a credit account.
RISK_MARK = "risk_total"
RISK_PARTS = (
    "risk_invoice_draft_limit",
    "risk_invoice_open_limit",
    "risk_invoice_unpaid_limit",
    "risk_account_amount_limit",
    "risk_account_amount_unpaid_limit",
    "risk_sale_order_limit",
)


class CreditLimitImport(models.TransientModel):
    """Sets many limits at once from an XLSX sheet, or from the limits of another addon: all of them, or none (C8, C9).

    First what would change is shown; nothing changes before that is confirmed, nor when an account has changed since.
    """

    _name = "credit.limit.import"
    _description = "Import Credit Limits"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company._credit_keeper()
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    source = fields.Selection(
        [("sheet", "XLSX Sheet"), ("risk", "Limits of Financial Risk")],
        required=True,
        default="sheet",
        help="Limits of Financial Risk: what the addon account_financial_risk keeps on customers.",
    )
    risk_found = fields.Boolean(compute="_compute_risk_found")
    file = fields.Binary(string="Sheet", attachment=False)
    file_name = fields.Char()
    reason = fields.Char(help="For rows without a reason of their own; shown in the history of the accounts.")
    errors = fields.Text(readonly=True)
    notes = fields.Text(readonly=True)
    state = fields.Selection([("choose", "Choose"), ("preview", "Preview")], default="choose", readonly=True)
    line_ids = fields.One2many("credit.limit.import.line", "import_id", string="Changes", readonly=True)
    unchanged = fields.Integer("Rows Without Change", readonly=True)

    @api.depends_context("uid")
    def _compute_risk_found(self):
        self.risk_found = RISK_MARK in self.env["res.partner"]._fields

    # === ACTION METHODS === #

    def action_check(self):
        """Read the limits and show what they would change, or what is wrong with them."""
        self.ensure_one()
        self.env["credit.account"]._check_manager()
        self.line_ids.unlink()
        errors, notes = [], []
        entries = self._risk_entries(notes) if self.source == "risk" else self._sheet_entries(errors)
        lines, unchanged = [], 0
        if not errors:
            lines, unchanged = self._lines(entries, errors)
        if not errors and not lines and not unchanged:
            errors.append(self.env._("There is no limit to import."))
        more = len(errors) - ERRORS_SHOWN
        if more > 0:
            errors = [*errors[:ERRORS_SHOWN], self.env._("… and %s more.", more)]
        self.write(
            {
                "errors": "\n".join(errors),
                "notes": "\n".join(notes),
                "state": "choose" if errors else "preview",
                "unchanged": unchanged,
            }
        )
        if not errors:
            self.env["credit.limit.import.line"].create([{"import_id": self.id, **values} for values in lines])
        return self._reopen()

    def action_back(self):
        self.ensure_one()
        self.line_ids.unlink()
        self.state = "choose"
        return self._reopen()

    def action_apply(self):
        """Put the limits into force that the preview shows, each with its reason in the history of the account."""
        self.ensure_one()
        self.env["credit.account"]._check_manager()
        if self.state != "preview" or not self.line_ids:
            raise UserError(self.env._("There is nothing to change."))
        count = self._apply()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Limits Imported"),
                "message": self.env._("%s credit accounts were set.", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_template(self):
        """Download a sheet with the accounts of the company, to change and import again."""
        self.ensure_one()
        self.env["credit.account"]._check_manager()
        return {"type": "ir.actions.act_url", "url": f"/customer_credit/limits/{self.id}", "target": "download"}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Credit Limits"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # === THE SHEET === #

    @api.model
    def _titles(self):
        """Return {column: title} in the user's language."""
        return {
            "ref": self.env._("Reference"),
            "vat": self.env._("Tax Number"),
            "name": self.env._("Customer"),
            "mode": self.env._("Credit"),
            "limit": self.env._("Limit"),
            "days": self.env._("Payment Days"),
            "until": self.env._("Valid Until"),
            "reason": self.env._("Reason"),
        }

    def _in_every_language(self, method):
        codes = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
        return [method(self.with_context(lang=code)) for code in sorted(codes)]

    def _accepted_titles(self):
        titles = self._in_every_language(lambda wizard: wizard._titles())
        return {name: {name, *(known[name].casefold() for known in titles)} for name in limit_sheet.COLUMNS}

    def _modes(self):
        """Return {word, casefolded: mode}: the codes, and their names in every installed language."""
        field = self.env["credit.account"]._fields["mode"]
        modes = {}
        for selection in self._in_every_language(lambda wizard: field._description_selection(wizard.env)):
            for code, name in selection:
                modes[code.casefold()] = modes[name.casefold()] = code
        return modes

    def _template_xlsx(self):
        """Return the bytes of a sheet with all credit accounts of the company."""
        self.env["credit.account"]._check_manager()
        accounts = self.env["credit.account"].search([("company_id", "=", self.company_id.id)])
        modes = dict(accounts._fields["mode"]._description_selection(self.env))
        return limit_sheet.write(
            list(self._titles().values()),
            (
                [
                    account.partner_id.ref or None,
                    account.partner_id.vat or None,
                    account.partner_id.name,
                    modes[account.mode],
                    account.credit_limit if account.mode == "amount" else None,
                    account.payment_days if account.limit_payment_days else None,
                    account.valid_until or None,
                    None,
                ]
                for account in accounts
            ),
            [
                self.env._("A customer is found by the reference, else by the tax number, else by the name."),
                self.env._("Credit: %s. Empty: a limit, where one is given.", ", ".join(modes.values())),
                self.env._("Limit: in %s, without temporary limits.", self.company_id.currency_id.name),
                self.env._("Empty cells leave the account as it is. A “-” takes away payment days or the end date."),
                self.env._("Valid Until: the first day on which the limit no longer holds, such as 2026-12-31."),
            ],
        )

    def _sheet_entries(self, errors):
        """Return [(place, customer, wanted values, reason)] of the sheet; add what is wrong to the errors."""
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        content = base64.b64decode(self.file)
        if len(content) > SIZE_MAX:
            raise UserError(self.env._("The file is larger than %s MB.", SIZE_MAX // 1024 // 1024))
        try:
            rows = limit_sheet.read(content, self._accepted_titles())
        except SheetError as error:
            raise UserError(self._sheet_problem(str(error))) from error
        found = self._sheet_customers(rows, errors)
        modes = self._modes()
        entries, seen = [], {}
        for row in rows:
            values = self._sheet_values(row, modes, errors)
            reason = str(row.cells["reason"].value) if "reason" in row.cells else (self.reason or "").strip()
            if not reason:
                errors.append(self.env._("Row %s: the reason is missing, here and for all.", row.number))
            customer = found.get(row.number)
            if not customer:
                continue
            if customer in seen:
                errors.append(
                    self.env._(
                        "Row %(row)s: %(customer)s stands in row %(other)s already.",
                        row=row.number,
                        customer=customer.display_name,
                        other=seen[customer],
                    )
                )
            seen[customer] = row.number
            entries.append((self.env._("Row %s", row.number), customer, values, reason))
        return entries

    @api.model
    def _sheet_problem(self, key):
        return {
            "file": self.env._("The file is no XLSX sheet."),
            "titles": self.env._(
                "The first row names no customer column: one of %s is needed.",
                ", ".join(list(self._titles().values())[:3]),
            ),
            "columns": self.env._(
                "The first row has nothing to set: one of %s is needed.", ", ".join(list(self._titles().values())[3:7])
            ),
            "double": self.env._("The first row names a column twice."),
            "rows": self.env._("The sheet has more than %s rows.", limit_sheet.ROWS_MAX),
        }[key]

    def _sheet_values(self, row, modes, errors):
        """Return the values of credit.account that a row sets."""
        values, cells = {}, row.cells

        def wrong(name, sentence):
            errors.append(f"{cells[name].place}: {sentence}")

        if "mode" in cells:
            word = str(cells["mode"].value)
            mode = modes.get(word.casefold())
            if not mode:
                wrong("mode", self.env._("“%s” is no kind of credit.", word))
            else:
                values["mode"] = mode
        if "limit" in cells:
            limit = limit_sheet.amount(cells["limit"].value)
            if limit is None:
                wrong("limit", self.env._("“%s” is no amount.", cells["limit"].value))
            elif limit < 0:
                wrong("limit", self.env._("%s is below zero; a limit is not.", cells["limit"].value))
            elif round(limit, 6) != self.currency_id.round(limit):
                wrong("limit", self.env._("%s has too many decimals.", cells["limit"].value))
            elif values.get("mode", "amount") != "amount":
                wrong("limit", self.env._("a limit doesn't go with “%s”.", cells["mode"].value))
            else:
                values.update(mode="amount", credit_limit=limit)
        elif values.get("mode") == "amount":
            wrong("mode", self.env._("the limit is missing."))
        if "days" in cells:
            days = cells["days"].value
            number = limit_sheet.amount(days)
            if days == NONE:
                values["limit_payment_days"] = False
            elif number is None or number != int(number) or not 0 <= number <= DAYS_MAX:
                wrong("days", self.env._("“%s” is no number of days.", days))
            else:
                values.update(limit_payment_days=True, payment_days=int(number))
        if "until" in cells:
            until = cells["until"].value
            date = limit_sheet.day(until)
            if until == NONE:
                values["valid_until"] = False
            elif not date:
                wrong("until", self.env._("“%s” is no date; write it as 2026-12-31.", until))
            elif date <= fields.Date.context_today(self):
                wrong("until", self.env._("%s is not in the future.", format_date(self.env, date)))
            else:
                values["valid_until"] = date
        if not values and not cells.keys() & {"mode", "limit", "days", "until"}:
            errors.append(self.env._("Row %s: nothing is set.", row.number))
        return values

    def _sheet_customers(self, rows, errors):
        """Return {row number: customer}: one query, whatever the number of rows."""
        wanted = {
            name: {limit_sheet.text(row.cells[name].value) for row in rows if name in row.cells}
            for name in limit_sheet.NAMING
        }
        customers = self.env["res.partner"].search_fetch(
            Domain("company_id", "in", [self.company_id.id, False])
            & (Domain("is_company", "=", True) | Domain("parent_id", "=", False))
            & Domain.OR(Domain(name, "in", list(texts)) for name, texts in wanted.items()),
            ["name", "ref", "vat", "commercial_partner_id"],
        )
        customers = customers.filtered(lambda customer: customer.commercial_partner_id == customer)
        known = {
            name: customers.grouped(lambda customer, name=name: (customer[name] or "").strip())
            for name in limit_sheet.NAMING
        }
        found = {}
        for row in rows:
            name = next((name for name in limit_sheet.NAMING if name in row.cells), None)
            if not name:
                errors.append(self.env._("Row %s: no customer is named.", row.number))
                continue
            cell = row.cells[name]
            candidates = known[name].get(limit_sheet.text(cell.value), customers.browse())
            if len(candidates) == 1:
                found[row.number] = candidates
                self._sheet_contradiction(row, candidates, errors)
            elif candidates:
                errors.append(
                    self.env._(
                        "%(place)s: %(count)s customers have “%(value)s”. Give the reference or the tax number.",
                        place=cell.place,
                        count=len(candidates),
                        value=cell.value,
                    )
                )
            else:
                errors.append(
                    self.env._("%(place)s: there is no customer “%(value)s”.", place=cell.place, value=cell.value)
                )
        return found

    @api.model
    def _sheet_contradiction(self, row, customer, errors):
        """Add an error where a row names two customers: rows have slipped."""
        for name in limit_sheet.NAMING:
            cell = row.cells.get(name)
            if cell and limit_sheet.text(cell.value) != (customer[name] or "").strip():
                errors.append(
                    self.env._(
                        "%(place)s: “%(value)s” doesn't belong to the customer of this row, which is “%(name)s”.",
                        place=cell.place,
                        value=cell.value,
                        name=customer.display_name,
                    )
                )
                return

    # === LIMITS OF ANOTHER ADDON === #

    def _risk_entries(self, notes):
        """Return the entries of the limits that account_financial_risk keeps on customers.

        :raise UserError: where that addon isn't installed
        """
        if not self.risk_found:
            raise UserError(self.env._("There are no limits of Financial Risk in this database."))
        Partner = self.env["res.partner"].with_company(self.company_id)
        known = [name for name in (*RISK_PARTS, "credit_policy", "risk_currency_id") if name in Partner._fields]
        customers = Partner.search([("credit_limit", ">", 0), ("company_id", "in", [self.company_id.id, False])])
        customers = customers.filtered(lambda customer: customer.commercial_partner_id == customer)
        today = fields.Date.context_today(self)
        entries = []
        for customer in customers:
            kept = {name: customer[name] for name in ("credit_limit", *known)}
            currency = kept.get("risk_currency_id") or self.currency_id
            kept["credit_limit"] = currency._convert(kept["credit_limit"], self.currency_id, self.company_id, today)
            values, reason, parts = self._from_risk(kept)
            if parts:
                notes.append(
                    self.env._(
                        "%(customer)s: limits of single kinds of documents aren't taken over (%(fields)s); make "
                        "policies instead.",
                        customer=customer.display_name,
                        fields=", ".join(parts),
                    )
                )
            if values:
                entries.append((customer.display_name, customer, values, reason))
        return entries

    def _from_risk(self, kept):
        """Return (values of credit.account, reason, names of the limits that have no place there).

        A limit of zero means in Financial Risk that there is none to keep, so it says nothing here.

        :param dict kept: ``credit_limit`` in the currency of the company, and what is known of RISK_PARTS and
            ``credit_policy``
        """
        parts = [name for name in RISK_PARTS if kept.get(name)]
        if not kept.get("credit_limit") or kept["credit_limit"] < 0:
            return {}, "", parts
        reason = (self.reason or "").strip() or self.env._("Taken over from Financial Risk")
        if kept.get("credit_policy"):
            reason = f"{reason} ({kept['credit_policy']})"
        return {"mode": "amount", "credit_limit": self.currency_id.round(kept["credit_limit"])}, reason, parts

    # === PREVIEW AND APPLICATION === #

    def _accounts(self, customers):
        accounts = self.env["credit.account"].search(
            [("partner_id", "in", customers.ids), ("company_id", "=", self.company_id.id)]
        )
        return {account.partner_id: account for account in accounts}

    def _lines(self, entries, errors):
        """Return (values of the lines of the preview, number of entries that change nothing)."""
        accounts = self._accounts(self.env["res.partner"].union(*(customer for _place, customer, *_rest in entries)))
        lines, unchanged = [], 0
        for place, customer, values, reason in entries:
            account = accounts.get(customer)
            if not account and "mode" not in values:
                errors.append(
                    self.env._(
                        "%(place)s: %(customer)s has no credit account yet, so the kind of credit is needed.",
                        place=place,
                        customer=customer.display_name,
                    )
                )
                continue
            before = account._import_values() if account else {}
            after = {**before, **values}
            if after.get("mode") != "amount":
                after["credit_limit"] = 0.0
            if not after.get("limit_payment_days"):
                after["payment_days"] = 0
            if account and after == before:
                unchanged += 1
                continue
            lines.append(
                {
                    "account_id": account.id if account else False,
                    "partner_id": customer.id,
                    "reason": reason,
                    **{f"old_{name}": value for name, value in before.items()},
                    **{f"new_{name}": value for name, value in after.items()},
                }
            )
        return lines, unchanged

    def _apply(self):
        """Apply the lines of the preview; return their number.

        :raise UserError: when an account was made or changed after the preview; nothing is changed then
        """
        lines = self.line_ids
        # Who changes one of the accounts meanwhile waits, or is waited for.
        self.env["credit.account"].flush_model()
        self.env.execute_query(
            SQL("SELECT id FROM credit_account WHERE id = ANY (%s) ORDER BY id FOR UPDATE", lines.account_id.ids)
        )
        accounts = self._accounts(lines.partner_id)
        changed = lines.filtered(
            lambda line: (
                accounts.get(line.partner_id, line.account_id.browse()) != line.account_id
                or (line.account_id and line.account_id._import_values() != line._values("old"))
            )
        )
        if changed:
            raise UserError(
                self.env._(
                    "Changed since the preview: %s. Check again.",
                    ", ".join(changed[:10].partner_id.mapped("display_name")),
                )
            )
        missing = lines.filtered(lambda line: not line.account_id)
        created = self.env["credit.account"].create(
            [{"partner_id": line.partner_id.id, "company_id": self.company_id.id, "mode": "none"} for line in missing]
        )
        accounts.update(zip(missing.partner_id, created, strict=True))
        for (values, reason), same in lines.grouped(
            lambda line: (tuple(line._values("new").items()), line.reason)
        ).items():
            credited = created.browse().union(*(accounts[line.partner_id] for line in same))
            credited._apply_decision(dict(values), self.env._("Limits imported: %s", reason))
        return len(lines)


class CreditLimitImportLine(models.TransientModel):
    """One account in the preview of an import: what it is, and what it would be."""

    _name = "credit.limit.import.line"
    _description = "Imported Credit Limit"

    import_id = fields.Many2one("credit.limit.import", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="import_id.currency_id")
    account_id = fields.Many2one("credit.account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    old_mode = fields.Selection([("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")], "Credit Now")
    new_mode = fields.Selection([("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")], "New Credit")
    old_credit_limit = fields.Monetary("Limit Now")
    new_credit_limit = fields.Monetary("New Limit")
    old_limit_payment_days = fields.Boolean()
    new_limit_payment_days = fields.Boolean()
    old_payment_days = fields.Integer("Days Now")
    new_payment_days = fields.Integer("New Days")
    old_valid_until = fields.Date("End Now")
    new_valid_until = fields.Date("New End")
    reason = fields.Char(readonly=True)

    def _values(self, kind):
        """Return the values of the account: ``old``, at the time of the preview, or ``new``."""
        self.ensure_one()
        return {name: self[f"{kind}_{name}"] for name in self.env["credit.account"]._import_fields()}


class CreditAccount(models.Model):
    _inherit = "credit.account"

    @api.model
    def _import_fields(self):
        """Return the names of the fields that an import sets."""
        return ("mode", "credit_limit", "limit_payment_days", "payment_days", "valid_until")

    def _import_values(self):
        """Return the values of these fields, with those that don't count set to zero."""
        self.ensure_one()
        return {
            "mode": self.mode,
            "credit_limit": self.credit_limit if self.mode == "amount" else 0.0,
            "limit_payment_days": self.limit_payment_days,
            "payment_days": self.payment_days if self.limit_payment_days else 0,
            "valid_until": self.valid_until,
        }
