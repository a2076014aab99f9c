import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import {
    Component,
    onWillStart,
    onWillUnmount,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

/**
 * The figures of a customer and a picture of the last 24 months, asked for when the page is opened.
 */
export class CustomerTrade extends Component {
    static template = "customer_metrics.CustomerTrade";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.state = useState({ trade: null, shares: [] });
        this.chart = null;
        onWillStart(async () => {
            await Promise.all([loadBundle("web.chartjs_lib"), this.load(this.props.record.resId)]);
        });
        onWillUpdateProps(async (nextProps) => {
            if (nextProps.record.resId !== this.loadedId) {
                await this.load(nextProps.record.resId);
            }
        });
        useEffect(
            () => {
                this.drawChart();
            },
            () => [this.state.trade]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    async load(resId) {
        this.loadedId = resId;
        this.state.shares = [];
        if (!resId) {
            this.state.trade = { visible: false };
            return;
        }
        this.state.trade = await this.orm.call("res.partner", "get_customer_trade", [[resId]]);
        if (this.state.trade.visible) {
            this.loadShares(resId);
        }
    }

    /** The figures that compare with the whole company take longer: they are added when they come. */
    async loadShares(resId) {
        const { figures } = await this.orm.silent.call("res.partner", "get_customer_trade", [
            [resId],
            true,
        ]);
        if (this.loadedId === resId && figures) {
            this.state.shares = figures;
        }
    }

    get figures() {
        return [...this.state.trade.figures, ...this.state.shares].sort(
            (a, b) => a.sequence - b.sequence
        );
    }

    /**
     * @param {{ unit: string, value: number|null }} figure
     * @returns {string}
     */
    format({ unit, value }) {
        if (value === null || value === false) {
            return "–";
        }
        if (unit === "money") {
            return formatCurrency(value, this.state.trade.currency_id);
        }
        if (unit === "percent") {
            const decimals = value !== 0 && Math.abs(value) < 1 ? 2 : 1;
            return _t("%s %", formatFloat(value, { digits: [16, decimals] }));
        }
        if (unit === "days") {
            const decimals = Number.isInteger(value) ? 0 : 1;
            return _t("%s days", formatFloat(value, { digits: [16, decimals] }));
        }
        return formatFloat(value, { digits: [16, Number.isInteger(value) ? 0 : 1] });
    }

    openFigure(figure) {
        return this.openAction("action_customer_figure", [[this.loadedId], figure.code]);
    }

    async openAction(method, args) {
        this.action.doAction(await this.orm.call("res.partner", method, args));
    }

    drawChart() {
        this.chart?.destroy();
        this.chart = null;
        const trade = this.state.trade;
        if (!this.canvas.el || !trade?.traded) {
            return;
        }
        const scheme = cookie.get("color_scheme");
        const textColor = getCustomColor(scheme, "#374151", "#E4E4E4");
        const gridColor = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const barColor = getColor(0, scheme, 2);
        const lineColor = getColor(1, scheme, 2);
        const money = (value) => formatCurrency(value, trade.currency_id);
        this.chart = new Chart(this.canvas.el, {
            data: {
                labels: trade.months.map((month) => month.label),
                datasets: [
                    {
                        type: "line",
                        label: _t("Margin"),
                        data: trade.months.map((month) => month.margin),
                        borderColor: lineColor,
                        backgroundColor: lineColor,
                        borderWidth: 2,
                        pointRadius: 2,
                        tension: 0.25,
                    },
                    {
                        type: "bar",
                        label: _t("Sales"),
                        data: trade.months.map((month) => month.sales),
                        backgroundColor: hexToRGBA(barColor, 0.75),
                        borderRadius: 2,
                    },
                ],
            },
            options: {
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                scales: {
                    x: { grid: { display: false }, ticks: { color: textColor, maxRotation: 60 } },
                    y: {
                        grid: { color: gridColor },
                        ticks: {
                            color: textColor,
                            callback: (value) => formatFloat(value, { humanReadable: true, decimals: 1 }),
                        },
                    },
                },
                plugins: {
                    legend: { labels: { color: textColor, boxWidth: 14 } },
                    tooltip: {
                        callbacks: { label: (item) => `${item.dataset.label}: ${money(item.raw)}` },
                    },
                },
            },
        });
    }
}

export const customerTrade = { component: CustomerTrade };

registry.category("view_widgets").add("customer_trade", customerTrade);
