import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = { up: "fa-arrow-up text-success", same: "fa-arrow-right text-muted", down: "fa-arrow-down text-danger" };

/** Where the class of the last months points to, as an arrow that also has words. */
export class TierTrend extends Component {
    static template = "customer_tiering.TierTrend";
    static props = { ...standardFieldProps };

    get icon() {
        return ICONS[this.props.record.data[this.props.name]];
    }

    get label() {
        const value = this.props.record.data[this.props.name];
        const texts = {
            up: _t("The last months point up"),
            same: _t("The last months point nowhere else"),
            down: _t("The last months point down"),
        };
        return texts[value];
    }
}

registry.category("fields").add("tier_trend", {
    component: TierTrend,
    displayName: _t("Trend of a class"),
    supportedTypes: ["selection"],
});
