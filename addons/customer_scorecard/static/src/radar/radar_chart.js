import { hexToRGBA } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

import { Component } from "@odoo/owl";

import { ChartCanvas, chartColors, wrapLabel } from "../chart/chart_canvas";

/**
 * Points from 0 to 5 on several axes; with fewer than three axes, which make no area, bars.
 */
export class RadarChart extends Component {
    static template = "customer_scorecard.RadarChart";
    static components = { ChartCanvas };
    static props = {
        axes: { type: Array, element: String },
        // [{ label, points: [number or null for each axis], previous: whether it stands behind in grey }]
        series: { type: Array, element: Object },
    };

    get version() {
        return JSON.stringify([this.props.axes, this.props.series]);
    }

    get isRadar() {
        return this.props.axes.length >= 3;
    }

    /** The picture in words. */
    get label() {
        return this.props.series
            .map(({ label, points }) =>
                _t("%(label)s: %(points)s", {
                    label,
                    points: this.props.axes
                        .map((axis, index) => `${axis} ${this.format(points[index])}`)
                        .join(", "),
                })
            )
            .join("; ");
    }

    isKnown(points) {
        return points !== null && points !== undefined && points !== false;
    }

    format(points) {
        if (!this.isKnown(points)) {
            return "–";
        }
        return formatFloat(points, { digits: [16, Number.isInteger(points) ? 0 : 2], trailingZeros: false });
    }

    config() {
        const colors = chartColors();
        // Several evaluations over each other are told apart by their lines.
        const opacity = this.props.series.filter(({ previous }) => !previous).length > 1 ? 0.05 : 0.15;
        let index = 0;
        const datasets = this.props.series.map(({ label, points, previous }) => {
            const color = previous ? colors.previous : colors.series(index++);
            return {
                label,
                data: points,
                borderColor: color,
                backgroundColor: hexToRGBA(color, this.isRadar ? opacity : 0.7),
                borderWidth: previous ? 1.5 : 2.5,
                borderDash: previous ? [5, 4] : [],
                pointBackgroundColor: color,
                pointRadius: previous ? 2 : 3.5,
                // The first one is drawn last, over the others.
                order: previous ? 1 : 0,
                spanGaps: false,
                // An area with a gap would look like a zero there.
                fill: points.every((value) => this.isKnown(value)),
            };
        });
        const labels = this.props.axes.map((axis) => wrapLabel(axis));
        const scale = { min: 0, max: 5 };
        const ticks = { stepSize: 1, color: colors.text, backdropColor: "transparent", z: 1 };
        return {
            type: this.isRadar ? "radar" : "bar",
            data: { labels, datasets },
            options: {
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                indexAxis: this.isRadar ? "r" : "y",
                scales: this.isRadar
                    ? {
                          r: {
                              ...scale,
                              ticks,
                              grid: { color: colors.grid },
                              angleLines: { color: colors.grid },
                              pointLabels: { color: colors.text, font: { size: 12 } },
                          },
                      }
                    : {
                          x: { ...scale, ticks, grid: { color: colors.grid } },
                          y: { ticks: { color: colors.text }, grid: { display: false } },
                      },
                plugins: {
                    legend: {
                        display: datasets.length > 1,
                        position: "bottom",
                        labels: { color: colors.text, boxWidth: 14 },
                    },
                    tooltip: {
                        callbacks: {
                            title: (items) => this.props.axes[items[0].dataIndex],
                            label: (item) => `${item.dataset.label}: ${this.format(item.raw)}`,
                        },
                    },
                },
            },
        };
    }
}
