import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/**
 * The criterion of an answer, in as many lines as it takes: above it the group where a new one begins, below it what
 * was measured. Read only.
 */
export class CriterionField extends Component {
    static template = "customer_scorecard.CriterionField";
    static props = { ...standardFieldProps };

    get heading() {
        return this.props.record.data.heading;
    }

    get name() {
        return this.props.record.data[this.props.name]?.display_name;
    }

    get finding() {
        return this.props.record.data.value_text;
    }
}

export const criterionField = {
    component: CriterionField,
    displayName: _t("Criterion with group and finding"),
    supportedTypes: ["many2one"],
    fieldDependencies: [
        { name: "heading", type: "char" },
        { name: "value_text", type: "char" },
    ],
    listViewWidth: [145, 420],
};

registry.category("fields").add("scorecard_criterion", criterionField);
