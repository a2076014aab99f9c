import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

import { RadarChart } from "./radar_chart";

/**
 * The radar of an evaluation; the value is made by `customer.scorecard._compute_picture`. The first series is the
 * evaluation, further ones are earlier evaluations and stand behind in grey.
 */
export class RadarField extends Component {
    static template = "customer_scorecard.RadarField";
    static components = { RadarChart };
    static props = { ...standardFieldProps };

    get picture() {
        const picture = this.props.record.data[this.props.name] || {};
        return { axes: picture.axes || [], series: picture.series || [] };
    }

    /** Whether there is a point to draw: an empty radar would look like zeros all round. */
    get drawn() {
        return this.picture.series.some(({ points }) =>
            points.some((value) => value !== null && value !== false)
        );
    }

    get series() {
        return this.picture.series.map(({ label, points }, index) => ({
            label: this.formatLabel(label),
            points,
            previous: index > 0,
        }));
    }

    formatLabel(label) {
        return /^\d{4}-\d\d-\d\d$/.test(label) ? formatDate(deserializeDate(label)) : label;
    }
}

export const radarField = {
    component: RadarField,
    displayName: _t("Radar of an evaluation"),
    supportedTypes: ["json"],
};

registry.category("fields").add("scorecard_radar", radarField);
