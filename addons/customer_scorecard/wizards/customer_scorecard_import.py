import base64
import binascii

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from . import scorecard_workbook
from .scorecard_workbook import STEPS, Column

SHOWN_COMPLAINTS = 20


class CustomerScorecardImport(models.TransientModel):
    """Makes a draft version from a workbook, or offers a workbook made from a version (E7).

    The workbook has three sheets: the settings, the criteria with their steps, the grades. A version that is exported
    and imported again comes out the same, in the language in which that was done.
    """

    _name = "customer.scorecard.import"
    _description = "Import a Scorecard Template"

    template_id = fields.Many2one(
        "customer.scorecard.template", help="Gets a new draft. Leave it empty to make a new template."
    )
    file = fields.Binary("Workbook", attachment=False)
    filename = fields.Char()

    # === THE FORM OF THE WORKBOOK === #

    @api.model
    def _selection(self, model, field):
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    @api.model
    def _sheets(self):
        """Return {"settings" | "criteria" | "grades": (title, columns)} in the language of the environment."""
        Criterion = "customer.scorecard.criterion"
        metrics = {metric.code: metric.name for metric in self.env["customer.metric"].search([])}
        kinds = self._selection(Criterion, "kind")
        settings = [
            Column("name", self.env._("Name"), required=True, width=30),
            Column(
                "purpose",
                self.env._("Purpose"),
                "choice",
                choices=self._selection("customer.scorecard.template", "purpose"),
            ),
            Column("description", self.env._("Description"), width=40),
            Column("coverage_min", self.env._("Coverage Needed (%)"), "number", low=0, high=100),
            Column("enthusiasm_attitude_min", self.env._("Attitude From"), "number", low=0, high=5),
            Column("enthusiasm_action_max", self.env._("Action Up To"), "number", low=0, high=5),
            Column("rater_tolerance", self.env._("Rater Tolerance"), "number", low=0, high=5),
            Column("note", self.env._("What Is New"), width=40),
        ]
        criteria = [
            Column("code", self.env._("Code"), required=True),
            Column("parent", self.env._("Group (Code)")),
            Column("name", self.env._("Name"), required=True, width=28),
            Column("description", self.env._("Description"), width=40),
            Column("kind", self.env._("Scored"), "choice", required=True, choices=kinds),
            Column("weight", self.env._("Weight"), "number", low=0, high=1e9),
            Column("metric", self.env._("Figure"), "choice", choices=metrics, width=22),
            Column("months", self.env._("Months of the Figure"), "integer", low=1, high=600),
            Column("metric_share", self.env._("Share of the Figure (%)"), "integer", low=0, high=100),
            Column(
                "evidence", self.env._("Evidence"), "choice", choices=self._selection(Criterion, "evidence"), width=20
            ),
            Column(
                "two_raters",
                self.env._("Two Raters"),
                "choice",
                choices={"no": self.env._("No"), "yes": self.env._("Yes")},
            ),
            Column("veto_below", self.env._("Floor"), "integer", low=0, high=5),
            Column("veto_band", self.env._("Grade at Best")),
            Column("action", self.env._("Shown by Action (Code)")),
            *(Column(f"step_{step}", self.env._("%s Points", step), width=24) for step in STEPS),
            *(Column(f"from_{step}", self.env._("Figure From: %s Points", step), "number") for step in STEPS),
        ]
        grades = [
            Column("name", self.env._("Grade"), required=True),
            Column("score_from", self.env._("From"), "number", required=True, low=0, high=99.99),
            Column(
                "decision",
                self.env._("Decision"),
                "choice",
                choices=self._selection("customer.scorecard.band", "decision"),
            ),
            Column("review_months", self.env._("Review After (Months)"), "integer", low=0, high=600),
            Column("color", self.env._("Color"), "integer", low=0, high=11),
            Column("advice", self.env._("Advice"), width=50),
        ]
        return {
            "settings": (self.env._("Template"), settings),
            "criteria": (self.env._("Criteria"), criteria),
            "grades": (self.env._("Grades"), grades),
        }

    @api.model
    def _say(self, name, **values):
        """Return the sentence of a complaint about a cell."""
        return {
            "unknown_heading": lambda heading: self.env._("there is no column “%s”", heading),
            "heading_twice": lambda heading: self.env._("the column “%s” stands there twice", heading),
            "heading_missing": lambda heading: self.env._("the column “%s” is missing", heading),
            "too_many_rows": lambda rows: self.env._("there are more than %s rows", rows),
            "empty": lambda: self.env._("something has to stand here"),
            "no_number": lambda value: self.env._("“%s” is no number", value),
            "no_integer": lambda value: self.env._("“%s” is no whole number", value),
            "out_of_range": lambda value, low, high: self.env._(
                "%(value)s is not between %(low)s and %(high)s", value=value, low=f"{low:g}", high=f"{high:g}"
            ),
            "no_choice": lambda value, choices: self.env._(
                "“%(value)s” is none of: %(choices)s", value=value, choices=choices
            ),
            "twice": lambda value: self.env._("“%s” stands there twice", value),
            "unknown_code": lambda value: self.env._("no criterion of this sheet has the code “%s”", value),
            "no_group": lambda value: self.env._("“%s” is no group", value),
            "below_itself": lambda: self.env._("the group stands below itself"),
            "unknown_grade": lambda value: self.env._("no grade of the sheet of grades is called “%s”", value),
        }[name](**values)

    # === EXPORT === #

    @api.model
    def _download(self, version):
        """Return the action that downloads a version as a workbook."""
        version.check_access("read")
        record = self.sudo().create(
            {
                "file": base64.b64encode(self._workbook(version)),
                "filename": f"{version.template_id.name} v{version.number}.xlsx".replace("/", "-"),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{record.id}/file?filename_field=filename&download=true",
            "target": "self",
        }

    @api.model
    def _workbook(self, version):
        """Return the bytes of the workbook of a version, in the language of the environment."""
        sheets = self._sheets()
        template = version.template_id
        choices = {
            column.key: column.choices for _title, columns in sheets.values() for column in columns if column.choices
        }
        settings = {
            "name": template.name,
            "purpose": choices["purpose"][template.purpose],
            "description": template.description,
            "coverage_min": version.coverage_min,
            "enthusiasm_attitude_min": version.enthusiasm_attitude_min,
            "enthusiasm_action_max": version.enthusiasm_action_max,
            "rater_tolerance": version.rater_tolerance,
            "note": version.note,
        }
        criteria = []
        for criterion in version.criterion_ids:
            group = criterion.kind == "group"
            row = {
                "code": criterion.code,
                "parent": criterion.parent_id.code,
                "name": criterion.name,
                "description": criterion.description,
                "kind": choices["kind"][criterion.kind],
            }
            if not group:
                row.update(
                    {
                        "weight": criterion.weight,
                        "evidence": choices["evidence"][criterion.evidence],
                        "two_raters": choices["two_raters"]["yes" if criterion.two_raters else "no"],
                        "veto_below": criterion.veto_below or None,
                        "veto_band": criterion.veto_band_id.name,
                        "action": criterion.action_criterion_id.code,
                    }
                )
            if criterion.metric_id:
                # An archived figure isn't among the choices, and is understood all the same.
                row["metric"] = choices["metric"].get(criterion.metric_id.code, criterion.metric_id.code)
            if criterion.kind in ("metric", "mixed"):
                row["months"] = criterion.months
            if criterion.kind == "mixed":
                row["metric_share"] = criterion.metric_share
            for anchor in criterion.anchor_ids:
                row[f"step_{anchor.points}"] = anchor.description
                if anchor.metric_band:
                    row[f"from_{anchor.points}"] = anchor.metric_from
            criteria.append(row)
        grades = [
            {
                "name": band.name,
                "score_from": band.score_from,
                "decision": choices["decision"][band.decision],
                "review_months": band.review_months,
                "color": band.color,
                "advice": band.advice,
            }
            for band in version.band_ids
        ]
        return scorecard_workbook.write(
            [
                (sheets[key][0], sheets[key][1], rows)
                for key, rows in (("settings", [settings]), ("criteria", criteria), ("grades", grades))
            ]
        )

    # === IMPORT === #

    def action_import(self):
        """Read the workbook into a draft version and open it.

        :raise UserError: naming sheet, row and column of everything that is wrong; nothing is imported then
        """
        self.ensure_one()
        if not self.env.user.has_group("customer_scorecard.group_scorecard_manager"):
            raise AccessError(self.env._("Templates are made by managers of customer evaluation."))
        if not self.file:
            raise UserError(self.env._("Choose a workbook."))
        if self.template_id.draft_version_id:
            raise UserError(
                self.env._(
                    "There is a draft already: %s. Freeze or delete it first.",
                    self.template_id.draft_version_id.display_name,
                )
            )
        try:
            content = base64.b64decode(self.file, validate=False)
        except (binascii.Error, ValueError) as error:
            raise UserError(self.env._("This is no XLSX workbook.")) from error
        return self._build(self._read(content))._open()

    @api.model
    def _read(self, content):
        """Return {"settings": values, "criteria": [values], "grades": [values]} of a workbook.

        :raise UserError: see :meth:`action_import`
        """
        try:
            workbook = scorecard_workbook.load(content)
        except scorecard_workbook.BadWorkbook as error:
            raise UserError(
                self.env._("This workbook is too large.")
                if error.args == ("large",)
                else self.env._("This is no XLSX workbook.")
            ) from error
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        forms = [self._sheets()] + [self.with_context(lang=code)._sheets() for code in [*languages, "en_US"]]
        found, readers, complaints = {}, {}, []
        try:
            by_title = {name.strip().lower(): workbook[name] for name in workbook.sheetnames}
            for key, (title, columns) in forms[0].items():
                titles = {key} | {form[key][0].lower() for form in forms}
                sheet = next((by_title[name] for name in titles if name in by_title), None)
                if sheet is None:
                    complaints.append(self.env._("The sheet “%s” is missing.", title))
                    continue
                headings, choices = {}, {}
                for form in forms:
                    for column in form[key][1]:
                        headings.update({column.key: column.key, column.label.lower(): column.key})
                        words = choices.setdefault(column.key, {})
                        for value, label in column.choices.items():
                            words.setdefault(str(label).lower(), value)
                for column in columns:
                    choices[column.key].update({str(value).lower(): value for value in column.choices})
                if key == "criteria":
                    archived = self.env["customer.metric"].with_context(active_test=False).search([])
                    choices["metric"].update({metric.code: metric.code for metric in archived})
                readers[key] = scorecard_workbook.SheetReader(sheet, columns, headings, choices, self._say)
                found[key] = readers[key].rows()
        finally:
            workbook.close()
        if not complaints:
            self._check_settings(readers["settings"], found["settings"])
            self._check_grades(readers["grades"], found["grades"])
            self._check_criteria(readers["criteria"], found["criteria"], found["grades"])
        complaints += [
            self.env._(
                "Sheet “%(sheet)s”, row %(row)s, column %(column)s: %(sentence)s.",
                sheet=complaint.sheet,
                row=complaint.row,
                column=complaint.column,
                sentence=complaint.sentence,
            )
            if complaint.column
            else self.env._(
                "Sheet “%(sheet)s”, row %(row)s: %(sentence)s.",
                sheet=complaint.sheet,
                row=complaint.row,
                sentence=complaint.sentence,
            )
            for reader in readers.values()
            for complaint in sorted(reader.complaints, key=lambda complaint: complaint.row)
        ]
        if complaints:
            if len(complaints) > SHOWN_COMPLAINTS:
                rest = len(complaints) - SHOWN_COMPLAINTS
                complaints = [*complaints[:SHOWN_COMPLAINTS], self.env._("… and %s more.", rest)]
            raise UserError("\n".join([self.env._("Nothing was imported. Mend this in the workbook:"), *complaints]))
        return {
            "settings": found["settings"][0].values,
            "criteria": [row.values for row in found["criteria"]],
            "grades": [row.values for row in found["grades"]],
        }

    def _check_settings(self, reader, rows):
        if not rows:
            reader.complain(2, "name", "empty")
        for row in rows[1:]:
            reader.complain(row.number, "name", "twice", value=row.values["name"])

    def _check_unique(self, reader, rows, key):
        seen = set()
        for row in rows:
            value = row.values[key]
            if value is not None and value in seen:
                reader.complain(row.number, key, "twice", value=value)
            seen.add(value)

    def _check_grades(self, reader, rows):
        for key in ("name", "score_from"):
            self._check_unique(reader, rows, key)

    def _check_criteria(self, reader, rows, grade_rows):
        self._check_unique(reader, rows, "code")
        by_code = {row.values["code"]: row.values for row in rows if row.values["code"]}
        grades = {row.values["name"] for row in grade_rows}
        for row in rows:
            values = row.values
            for key in ("parent", "action"):
                if values[key] and values[key] not in by_code:
                    reader.complain(row.number, key, "unknown_code", value=values[key])
            parent = by_code.get(values["parent"])
            if parent and parent["kind"] not in ("group", None):
                reader.complain(row.number, "parent", "no_group", value=values["parent"])
            if values["veto_band"] and values["veto_band"] not in grades:
                reader.complain(row.number, "veto_band", "unknown_grade", value=values["veto_band"])
            seen = set()
            code = values["code"]
            while code in by_code and code not in seen:
                seen.add(code)
                code = by_code[code]["parent"]
            if code in seen:
                reader.complain(row.number, "parent", "below_itself")

    def _build(self, found):
        """Make a draft version of what was read, in a new template where none was chosen; return it."""
        settings = found["settings"]
        template = self.template_id
        if not template:
            template = template.create(
                {
                    "name": settings["name"],
                    "purpose": settings["purpose"] or "general",
                    "description": settings["description"],
                    "company_id": False,
                }
            )
        names = ("coverage_min", "enthusiasm_attitude_min", "enthusiasm_action_max", "rater_tolerance")
        version = self.env["customer.scorecard.version"].create(
            {
                "template_id": template.id,
                "note": settings["note"],
                **{name: settings[name] for name in names if settings[name] is not None},
                "band_ids": [
                    Command.create(
                        {
                            "name": grade["name"],
                            "score_from": grade["score_from"],
                            "decision": grade["decision"] or "none",
                            "review_months": grade["review_months"] or 0,
                            "color": grade["color"] or 0,
                            "advice": grade["advice"],
                        }
                    )
                    for grade in found["grades"]
                ],
            }
        )
        bands = {band.name: band.id for band in version.band_ids}
        metrics = {
            metric.code: metric.id for metric in self.env["customer.metric"].with_context(active_test=False).search([])
        }
        criteria = self.env["customer.scorecard.criterion"].create(
            [
                self._criterion_vals(version, bands, metrics, number, values)
                for number, values in enumerate(found["criteria"], 1)
            ]
        )
        by_code = {criterion.code: criterion for criterion in criteria}
        for values in found["criteria"]:
            links = {
                field: by_code[values[key]].id
                for field, key in (("parent_id", "parent"), ("action_criterion_id", "action"))
                if values[key]
            }
            if links:
                by_code[values["code"]].write(links)
        return version

    def _criterion_vals(self, version, bands, metrics, number, values):
        optional = {
            "weight": values["weight"],
            "months": values["months"],
            "metric_share": values["metric_share"],
            "evidence": values["evidence"],
        }
        steps = []
        for step in STEPS:
            description, bound = values[f"step_{step}"], values[f"from_{step}"]
            if description or bound is not None:
                steps.append(
                    Command.create(
                        {
                            "points": step,
                            "description": description,
                            "metric_band": bound is not None,
                            "metric_from": bound or 0.0,
                        }
                    )
                )
        return {
            "version_id": version.id,
            "sequence": 10 * number,
            "code": values["code"],
            "name": values["name"],
            "description": values["description"],
            "kind": values["kind"],
            "metric_id": metrics.get(values["metric"]),
            "two_raters": values["two_raters"] == "yes",
            "veto_below": values["veto_below"] or 0,
            "veto_band_id": bands.get(values["veto_band"]),
            "anchor_ids": steps,
            **{name: value for name, value in optional.items() if value is not None},
        }
