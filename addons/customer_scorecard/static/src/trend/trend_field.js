import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

import { ChartCanvas, chartColors } from "../chart/chart_canvas";

/**
 * Approved scores of a customer over time; the value is made by `customer.scorecard._compute_trend`. A click on a
 * point opens its evaluation. Scores of other versions are hollow and joined by dashes: they don't compare.
 */
export class TrendField extends Component {
    static template = "customer_scorecard.TrendField";
    static components = { ChartCanvas };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get trend() {
        return this.props.record.data[this.props.name] || [];
    }

    get version() {
        return JSON.stringify(this.trend);
    }

    get mixed() {
        return this.trend.some(({ same_version }) => same_version === false);
    }

    /** The picture in words. */
    get label() {
        return this.trend.map((item) => `${this.formatDate(item)} ${this.formatScore(item)}`).join(", ");
    }

    formatDate({ date }) {
        return formatDate(deserializeDate(date));
    }

    formatScore({ score, grade }) {
        const number = formatFloat(score, { digits: [16, 2] });
        return grade ? _t("%(score)s, grade %(grade)s", { score: number, grade }) : number;
    }

    config() {
        const colors = chartColors();
        const color = colors.series(0);
        const trend = this.trend;
        const comparable = (index) => trend[index].same_version !== false;
        return {
            type: "line",
            data: {
                labels: trend.map(({ date }) => date),
                datasets: [
                    {
                        data: trend.map(({ score }) => score),
                        borderColor: color,
                        borderWidth: 2.5,
                        pointRadius: 5,
                        pointHoverRadius: 8,
                        pointHitRadius: 16,
                        pointBackgroundColor: trend.map((_item, index) =>
                            comparable(index) ? color : "transparent"
                        ),
                        segment: {
                            borderDash: ({ p0DataIndex, p1DataIndex }) =>
                                comparable(p0DataIndex) && comparable(p1DataIndex) ? undefined : [5, 4],
                        },
                    },
                ],
            },
            options: {
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                onClick: (_event, items) => items.length && this.open(trend[items[0].index]),
                onHover: (event, items) => {
                    event.native.target.style.cursor = items.length ? "pointer" : "default";
                },
                scales: {
                    x: {
                        type: "time",
                        time: { minUnit: "day", tooltipFormat: "DD" },
                        offset: true,
                        grid: { display: false },
                        ticks: { color: colors.text, maxRotation: 0, autoSkipPadding: 16 },
                    },
                    y: { min: 0, max: 100, grid: { color: colors.grid }, ticks: { color: colors.text, stepSize: 20 } },
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            title: ([item]) => this.formatDate(trend[item.dataIndex]),
                            label: (item) => this.formatScore(trend[item.dataIndex]),
                            footer: ([item]) =>
                                comparable(item.dataIndex) ? "" : _t("Made with another version"),
                        },
                    },
                },
            },
        };
    }

    open({ id }) {
        if (!id) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "customer.scorecard",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

export const trendField = {
    component: TrendField,
    displayName: _t("Scores over time"),
    supportedTypes: ["json"],
};

registry.category("fields").add("scorecard_trend", trendField);
