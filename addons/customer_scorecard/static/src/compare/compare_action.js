import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onMounted, onWillStart } from "@odoo/owl";

import { RadarChart } from "../radar/radar_chart";

/**
 * Two to five evaluations of one version side by side: their radars over each other, and each criterion.
 */
export class CompareAction extends Component {
    static template = "customer_scorecard.CompareAction";
    static components = { Layout, RadarChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ids = this.props.action.context?.active_ids || [];
        this.comparison = null;
        onWillStart(async () => {
            if (this.ids.length) {
                this.comparison = await this.orm.call("customer.scorecard", "get_comparison", [this.ids]);
            }
        });
        // So that the page comes back when it is loaded again.
        onMounted(() => this.props.updateActionState?.({ active_ids: this.ids.join(",") }));
    }

    decisionClass({ decision }) {
        return { open: "text-bg-success", observe: "text-bg-warning", refuse: "text-bg-danger" }[decision];
    }

    get customers() {
        return this.comparison.customers;
    }

    get series() {
        return this.customers.map(({ name, date, points }, index) => ({
            label: this.sameName(index) ? `${name} ${this.formatDate(date)}` : name,
            points,
        }));
    }

    /** Whether another evaluation here is of the same customer, so that the name alone doesn't tell them apart. */
    sameName(index) {
        return this.customers.filter(({ name }) => name === this.customers[index].name).length > 1;
    }

    /** The criteria, with the group where a new one begins. */
    get rows() {
        let group = null;
        return this.comparison.criteria.map((criterion, index) => {
            const heading = criterion.group && criterion.group !== group ? criterion.group : false;
            group = criterion.group;
            return { ...criterion, key: index, heading };
        });
    }

    /** Whether a customer's points are the highest of a criterion on which the customers differ. */
    isBest(row, index) {
        const known = row.points.filter((points) => this.isKnown(points));
        const best = Math.max(...known);
        return known.length > 1 && row.points[index] === best && known.some((points) => points < best);
    }

    isKnown(value) {
        return value !== null && value !== undefined && value !== false;
    }

    formatDate(date) {
        return formatDate(deserializeDate(date));
    }

    format(value, decimals) {
        return this.isKnown(value) ? formatFloat(value, { digits: [16, decimals] }) : "–";
    }

    formatPoints(value) {
        return this.format(value, Number.isInteger(value) ? 0 : 2);
    }

    open(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "customer.scorecard",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("customer_scorecard.compare", CompareAction);
