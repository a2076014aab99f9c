import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { download } from "@web/core/network/download";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillStart, useRef, useState } from "@odoo/owl";

import { TargetGridEdits, parseClipboard, sum } from "./target_grid_edits";

/** The column of the year, beside the months 0 to 11. */
const YEAR = 12;
const LIMIT = 40;

/**
 * The targets of customers, typed as in a spreadsheet: a row per customer, a column per month and one for the year,
 * which is spread over the months by the season. Nothing is saved before "Save", then all in one call.
 */
export class TargetGrid extends Component {
    static template = "customer_metrics.TargetGrid";
    static components = { Layout, Pager };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.table = useRef("table");
        this.year = YEAR;
        this.display = { controlPanel: {} };
        this.edits = new TargetGridEdits();
        this.asked = 0;
        this.state = useState({
            grid: null,
            metricId: false,
            year: false,
            options: { customers: "planned", search: "", user_id: false, compare: "last" },
            offset: 0,
            version: 0, // grows with every edit: the edits themselves are plain data
            busy: false,
        });
        useSetupAction({
            beforeLeave: () => this.mayDrop(),
            beforeUnload: (ev) => {
                if (this.edits.size) {
                    ev.preventDefault();
                }
            },
        });
        onWillStart(async () => {
            await this.load();
            if (!this.state.grid.count) {
                this.state.options.customers = "customers";
                await this.load();
            }
        });
    }

    // === LOADING === //

    async load() {
        const { metricId, year, options, offset } = this.state;
        const question = [metricId || false, year || false, { ...options }, offset, LIMIT];
        const asked = ++this.asked;
        const grid = await this.orm.call("customer.target", "get_grid", question);
        // Of two answers that are under way, that to the later question is shown, whichever comes last.
        if (asked === this.asked) {
            Object.assign(this.state, { grid, metricId: grid.metric_id, year: grid.year });
        }
    }

    /** Change what is shown. The edits stay, as they belong to the same metric and year. */
    async show(options) {
        Object.assign(this.state.options, options);
        this.state.offset = 0;
        await this.load();
    }

    async showOther({ metricId = this.state.metricId, year = this.state.year }) {
        if (!(await this.mayDrop())) {
            this.state.version++; // the select shows what is loaded again
            return;
        }
        this.edits.clear();
        Object.assign(this.state, { metricId, year, offset: 0 });
        await this.load();
    }

    onPage({ offset }) {
        this.state.offset = offset;
        return this.load();
    }

    onSearch(ev) {
        return this.show({ search: ev.target.value });
    }

    /** @returns {Promise<boolean>} whether nothing is unsaved, or the user lets it go */
    mayDrop() {
        if (!this.edits.size) {
            return Promise.resolve(true);
        }
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Unsaved targets"),
                    body: _t("%s cells were changed and not saved. Discard them?", this.edits.size),
                    confirmLabel: _t("Discard"),
                    confirm: () => {
                        this.edits.clear();
                        resolve(true);
                    },
                    cancelLabel: _t("Stay here"),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    // === WHAT THE CELLS SHOW === //

    get grid() {
        return this.state.grid;
    }

    get mayWrite() {
        return this.grid.may_write && !this.state.busy;
    }

    get changed() {
        return this.state.version >= 0 ? this.edits.size : 0;
    }

    amounts(row) {
        return this.grid.months.map((_month, month) => this.edits.amount(row, month));
    }

    format(amount) {
        if (amount === null || amount === undefined) {
            return "";
        }
        return formatFloat(amount, { digits: [16, this.grid.decimals], trailingZeros: false });
    }

    text(row, column) {
        return this.format(column === YEAR ? sum(this.amounts(row)) : this.edits.amount(row, column));
    }

    compared(row, column) {
        return this.format(column === YEAR ? sum(row.compare) : row.compare[column]);
    }

    total(column) {
        if (column === YEAR) {
            return sum(this.grid.months.map((_month, month) => this.total(month)));
        }
        const saved = this.grid.totals[column];
        const difference = this.edits.difference(column);
        return saved === null && !difference ? null : (saved || 0) + difference;
    }

    cellClass(row, column) {
        return {
            o_target_changed: column !== YEAR && this.state.version >= 0 && this.edits.isChanged(row, column),
            o_target_current: column === this.grid.current,
            o_target_year: column === YEAR,
        };
    }

    label(row, column) {
        return `${row.name} ${column === YEAR ? this.state.year : this.grid.months[column]}`;
    }

    // === TYPING === //

    /**
     * @param {string} text
     * @returns {number|null|undefined} undefined when the text is no amount
     */
    parse(text) {
        if (!text.trim()) {
            return null;
        }
        try {
            const factor = 10 ** this.grid.decimals;
            const amount = Math.round(parseFloat(text.trim(), { allowOperation: true }) * factor) / factor;
            return amount >= 0 && amount < 1e15 ? amount : undefined;
        } catch {
            return undefined;
        }
    }

    async onChange(ev, row, column) {
        const amount = this.parse(ev.target.value);
        if (amount === undefined) {
            this.notification.add(_t("“%s” is no amount of zero or more.", ev.target.value), { type: "danger" });
            ev.target.value = this.text(row, column);
            return;
        }
        if (column === YEAR) {
            await this.setYears([[row, amount]]);
        } else {
            this.edits.set(row, column, amount);
        }
        this.state.version++;
        ev.target.value = this.text(row, column);
    }

    /** Spread years over their months; an empty year empties the months. */
    async setYears(rowsAndAmounts) {
        const given = rowsAndAmounts.filter(([_row, amount]) => amount !== null);
        const spread = given.length
            ? await this.orm.call("customer.target", "get_spread", [
                  this.state.metricId,
                  this.state.year,
                  given.map(([row, amount]) => [row.id, amount]),
              ])
            : {};
        for (const [row, amount] of rowsAndAmounts) {
            const months = amount === null ? Array(12).fill(null) : spread[row.id];
            months?.forEach((value, month) => this.edits.set(row, month, value));
        }
        this.state.version++;
    }

    async onPaste(ev, row, column) {
        const lines = parseClipboard(ev.clipboardData.getData("text/plain"));
        if (lines.length === 1 && lines[0].length === 1) {
            return; // as in any field
        }
        ev.preventDefault();
        const first = this.grid.rows.indexOf(row);
        const years = [];
        const wrong = [];
        for (const [down, cells] of lines.entries()) {
            const target = this.grid.rows[first + down];
            for (const [right, text] of target ? cells.entries() : []) {
                const amount = this.parse(text);
                if (column + right > YEAR) {
                    break;
                }
                if (amount === undefined) {
                    wrong.push(text);
                } else if (column + right < YEAR) {
                    this.edits.set(target, column + right, amount);
                } else if (column === YEAR) {
                    years.push([target, amount]);
                }
            }
        }
        if (years.length) {
            await this.setYears(years);
        }
        if (wrong.length) {
            this.notification.add(_t("Left out, as they are no amounts: %s", wrong.slice(0, 5).join(", ")), {
                type: "warning",
            });
        }
        if (first + lines.length > this.grid.rows.length) {
            this.notification.add(_t("The last lines were left out: the page ends here."), { type: "warning" });
        }
        this.state.version++;
        this.refreshInputs();
    }

    /** Inputs that were typed into keep their text until they are told. */
    refreshInputs() {
        const rows = new Map(this.grid.rows.map((row) => [String(row.id), row]));
        for (const input of this.table.el?.querySelectorAll("input[data-customer]") || []) {
            const row = rows.get(input.dataset.customer);
            if (row) {
                input.value = this.text(row, Number(input.dataset.column));
            }
        }
    }

    onFocus(ev) {
        ev.target.select();
    }

    /** Arrow keys and Enter move as in a spreadsheet, Escape takes back what was typed. */
    onKeydown(ev, row, column) {
        const input = ev.target;
        const line = this.grid.rows.indexOf(row);
        const allSelected = input.selectionStart === 0 && input.selectionEnd === input.value.length;
        const atStart = allSelected || (input.selectionStart === 0 && input.selectionEnd === 0);
        const atEnd = allSelected || input.selectionStart === input.value.length;
        const moves = {
            ArrowUp: [-1, 0],
            ArrowDown: [1, 0],
            Enter: [ev.shiftKey ? -1 : 1, 0],
            ArrowLeft: atStart ? [0, -1] : null,
            ArrowRight: atEnd ? [0, 1] : null,
        };
        if (ev.key === "Escape") {
            input.value = this.text(row, column);
            input.select();
        }
        const move = moves[ev.key];
        if (move && !ev.ctrlKey && !ev.altKey && !ev.metaKey) {
            ev.preventDefault();
            this.focusCell(line + move[0], column + move[1]);
        }
    }

    focusCell(line, column) {
        const next = this.table.el.querySelector(`input[data-row="${line}"][data-column="${column}"]`);
        const present = document.activeElement;
        present.blur(); // what was typed is taken over, also at the edge of the grid
        (next || present).focus();
        next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    // === SAVING, SHEETS === //

    async save() {
        document.activeElement?.blur();
        if (!this.edits.size) {
            return;
        }
        this.state.busy = true;
        try {
            const done = await this.orm.call("customer.target", "save_grid", [
                this.state.metricId,
                this.edits.toSave(this.state.year),
            ]);
            this.edits.clear();
            this.state.version++;
            await this.load();
            this.notification.add(
                _t("%(created)s new targets, %(changed)s changed, %(deleted)s removed.", done),
                { type: "success" }
            );
        } finally {
            this.state.busy = false;
        }
        this.refreshInputs();
    }

    discard() {
        this.edits.clear();
        this.state.version++;
        this.refreshInputs();
    }

    async importSheet() {
        if (!(await this.mayDrop())) {
            return;
        }
        this.edits.clear();
        this.state.version++;
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Import Targets"),
                res_model: "customer.target.import",
                views: [[false, "form"]],
                target: "new",
                context: { default_metric_id: this.state.metricId },
            },
            { onClose: () => this.load().then(() => this.refreshInputs()) }
        );
    }

    exportSheet() {
        return download({
            url: "/customer_metrics/targets",
            data: {
                metric_id: this.state.metricId,
                year: this.state.year,
                options: JSON.stringify(this.state.options),
                company_id: user.activeCompany.id,
            },
        });
    }

    openList() {
        return this.action.doAction("customer_metrics.customer_target_action");
    }

    openCustomer(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("customer_metrics.target_grid", TargetGrid);
