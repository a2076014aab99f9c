from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_round

from . import target_sheet

ERRORS_SHOWN = 30
EXPORT_MAX = 20000
AMOUNT_MAX = 1e15


class CustomerTarget(models.Model):
    """Targets from and to an XLSX sheet: customers x the months of a year."""

    _inherit = "customer.target"

    @api.model
    def _sheet_titles(self):
        """Return the titles of the columns that name the customer, in the user's language."""
        return [self.env._("ID"), self.env._("Reference"), self.env._("Customer")]

    @api.model
    def _sheet_accepted_titles(self):
        """Return the titles that are understood: those of every language that is installed."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        return list(zip(*(self.with_context(lang=code)._sheet_titles() for code in languages), strict=True))

    @api.model
    def _export_sheet(self, metric_id, year, options):
        """Return the bytes of the sheet of all customers that the grid would show."""
        metric = self._grid_metric(metric_id)
        months = self._months_of(year)
        customers = self.env["res.partner"].search_fetch(
            self._grid_customers_domain(metric, year, options),
            ["name", "ref"],
            order="complete_name, id",
            limit=EXPORT_MAX,
        )
        amounts = self._grid_amounts(metric, year, customers)
        return target_sheet.write(
            self._sheet_titles(),
            months,
            (
                (
                    customer.id,
                    customer.ref,
                    customer.name,
                    [amounts.get(customer.id, {}).get(month) for month in months],
                )
                for customer in customers
            ),
            metric._target_decimals(),
        )

    @api.model
    def _import_sheet(self, metric_id, content):
        """Write the targets of a sheet, all of them or none.

        An empty cell leaves the target as it is; a zero is a target of zero. A customer is found by the id, else by
        the reference, else by the name, among those whom the user may see.

        :param bytes content: an XLSX file
        :return: dict with the number of targets ``created``, ``changed``, and of ``customers``; or with ``errors``, a
            list of sentences with the cell each: nothing was written then
        """
        metric = self._grid_metric(metric_id)
        self.check_access("create")
        self.check_access("write")
        try:
            rows = target_sheet.read(content, self._sheet_accepted_titles())
        except target_sheet.SheetError as error:
            raise UserError(self._sheet_problem(str(error))) from error
        errors = []
        found = self._sheet_customers(rows, errors)
        wanted, places = {}, {}
        rounding = metric._target_rounding()
        for row in rows:
            customer_id = found.get(row.number)
            for month, cell in row.months.items():
                if cell.value is None:
                    continue
                amount = self._sheet_amount(cell, rounding, errors)
                key = (customer_id, month)
                if customer_id and key in wanted:
                    errors.append(
                        self.env._(
                            "%(place)s: the customer has a target for this month in %(other)s already.",
                            place=cell.place,
                            other=places[key],
                        )
                    )
                wanted[key] = {"amount": amount}
                places[key] = cell.place
        if not errors and not wanted:
            errors.append(self.env._("There is no target in the sheet."))
        if errors:
            more = len(errors) - ERRORS_SHOWN
            if more > 0:
                errors = [*errors[:ERRORS_SHOWN], self.env._("… and %s more.", more)]
            return {"errors": errors}
        result = self._write_cells(metric, wanted)
        return {**result, "customers": len({customer_id for customer_id, _month in wanted})}

    @api.model
    def _sheet_problem(self, key):
        return {
            "file": self.env._("The file is no XLSX sheet."),
            "titles": self.env._(
                "The first row names no customer column: one of %s is needed.", ", ".join(self._sheet_titles())
            ),
            "months": self.env._("The first row names no month: titles such as 2026-01 are needed."),
            "double": self.env._("The first row names a month twice."),
            "rows": self.env._("The sheet has too many rows."),
        }[key]

    @api.model
    def _sheet_amount(self, cell, rounding, errors):
        """Return the amount of a cell; add to the errors when it is none."""
        value = cell.value
        if isinstance(value, str):
            try:
                value = float(value.replace(",", "").replace("，", "").replace("¥", "").replace(" ", ""))
            except ValueError:
                value = None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < AMOUNT_MAX:
            errors.append(self.env._("%(place)s: “%(value)s” is no amount.", place=cell.place, value=cell.value))
            return None
        if value < 0:
            errors.append(
                self.env._("%(place)s: %(value)s is below zero; a target is not.", place=cell.place, value=value)
            )
            return None
        return float_round(value, precision_rounding=rounding)

    @api.model
    def _sheet_customers(self, rows, errors):
        """Return {row number: customer id}; add to the errors what can't be found, or not be told apart.

        Three queries, whatever the number of rows.
        """
        Partner = self.env["res.partner"]
        ids = {int(row.customer_id.value) for row in rows if row.customer_id and _is_id(row.customer_id.value)}
        refs = {_text(row.ref.value) for row in rows if row.ref and row.ref.value is not None}
        names = {_text(row.name.value) for row in rows if row.name and row.name.value is not None}
        company = Domain("company_id", "in", [self.env.company.id, False])
        company &= Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        if not Partner._sees_all_customer_figures():
            company &= Domain("user_id", "=", self.env.uid)
        customers = Partner.search_fetch(
            company
            & (Domain("id", "in", list(ids)) | Domain("ref", "in", list(refs)) | Domain("name", "in", list(names))),
            ["name", "ref"],
        )
        by_id = customers.grouped("id")
        by_ref = customers.grouped(lambda customer: _text(customer.ref))
        by_name = customers.grouped(lambda customer: _text(customer.name))
        found = {}
        for row in rows:
            cell, candidates = None, Partner
            for cell, known, key in (
                (row.customer_id, by_id, int),
                (row.ref, by_ref, _text),
                (row.name, by_name, _text),
            ):
                if cell and cell.value is not None:
                    if key is int and not _is_id(cell.value):
                        candidates = Partner
                    else:
                        candidates = known.get(key(cell.value), Partner)
                    break
            else:
                if any(month.value is not None for month in row.months.values()):
                    errors.append(self.env._("Row %s: no customer is named.", row.number))
                continue
            if len(candidates) == 1:
                found[row.number] = candidates.id
                self._sheet_contradiction(row, candidates, errors)
            elif candidates:
                errors.append(
                    self.env._(
                        "%(place)s: %(count)s customers are called “%(value)s”. Give the ID or the reference.",
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
        """Add an error where the reference or the name of a row is that of another customer: rows have slipped."""
        for cell, own in ((row.ref, customer.ref), (row.name, customer.name)):
            if cell and cell.value is not None and _text(cell.value) != _text(own):
                errors.append(
                    self.env._(
                        "%(place)s: “%(value)s” doesn't belong to the customer of this row, which is “%(name)s”.",
                        place=cell.place,
                        value=cell.value,
                        name=customer.display_name,
                    )
                )
                return


def _is_id(value):
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 10
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value) and value < 2**31


def _text(value):
    """Return a value as the text that names a customer; a number that a sheet made of a reference loses its .0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value or "").strip()
