import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The moves of a run as a table: rows are the classes before, columns the classes after, best first. A number leads to
 * its customers. The value is made by `customer.tier.run._compute_matrix`.
 */
export class TierMatrix extends Component {
    static template = "customer_tiering.TierMatrix";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get matrix() {
        return this.props.record.data[this.props.name] || false;
    }

    get runId() {
        const { record } = this.props;
        return record.resModel === "customer.tier.run" ? record.resId : false;
    }

    cellClass(row, column, count) {
        if (!count) {
            return "text-muted opacity-25";
        }
        if (row === column) {
            return "o_tier_same";
        }
        // The last row and column are "no class", below every class.
        return column < row ? "o_tier_up" : "o_tier_down";
    }

    total(column) {
        return this.matrix.rows.reduce((sum, row) => sum + row[column], 0);
    }

    sum(row) {
        return row.reduce((sum, count) => sum + count, 0);
    }

    open(row, column) {
        if (!this.runId) {
            return;
        }
        const { ids, names } = this.matrix;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: `${names[row]} → ${names[column]}`,
            res_model: "customer.tier.run.line",
            views: [
                [false, "list"],
                [false, "kanban"],
            ],
            domain: [
                ["run_id", "=", this.runId],
                ["from_tier_id", "=", ids[row] || false],
                ["to_tier_id", "=", ids[column] || false],
            ],
        });
    }
}

registry.category("fields").add("tier_matrix", {
    component: TierMatrix,
    displayName: _t("Moves between classes"),
    supportedTypes: ["json"],
});
