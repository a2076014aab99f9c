import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useRef, useState } from "@odoo/owl";

/**
 * Six buttons for the points 0 to 5 of an answer and what the chosen step looks like, as the field `anchors` says:
 * {"0": text, ... "5": text}. A click on the chosen step takes the answer back: no answer isn't zero.
 *
 * In lists and cards the points are given at once, without opening the row.
 */
export class PointsField extends Component {
    static template = "customer_scorecard.PointsField";
    static props = {
        ...standardFieldProps,
        anchorsField: { type: String, optional: true },
    };
    static defaultProps = { anchorsField: "anchors" };

    setup() {
        this.group = useRef("group");
        this.state = useState({ shown: null });
    }

    get steps() {
        return this.props.record.fields[this.props.name].selection;
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        return this.props.record.fields[this.props.name].string;
    }

    anchor(step) {
        return (this.props.record.data[this.props.anchorsField] || {})[step] || "";
    }

    /** The step whose description is read: the one pointed at, otherwise the chosen one. */
    get described() {
        return this.state.shown ?? this.value;
    }

    get tabStop() {
        return this.value === false ? this.steps[0][0] : this.value;
    }

    async choose(step) {
        if (this.props.readonly) {
            return;
        }
        this.state.shown = null;
        await this.props.record.update({ [this.props.name]: step === this.value ? false : step });
    }

    onKeydown(ev) {
        const keys = this.steps.map(([key]) => key);
        const index = keys.indexOf(ev.target.dataset.points);
        let step;
        if (keys.includes(ev.key)) {
            step = ev.key;
        } else if (ev.key === "ArrowRight") {
            step = keys[Math.min(index + 1, keys.length - 1)];
        } else if (ev.key === "ArrowLeft") {
            step = keys[Math.max(index - 1, 0)];
        } else if (ev.key === "Delete" || ev.key === "Backspace") {
            step = this.value;
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        this.group.el.querySelector(`[data-points="${step}"]`)?.focus();
        if (ev.key === "Delete" || ev.key === "Backspace" || step !== this.value) {
            this.choose(step);
        }
    }
}

export const pointsField = {
    component: PointsField,
    displayName: _t("Points 0 to 5"),
    supportedOptions: [
        { label: _t("Field with the description of each step"), name: "anchors", type: "field" },
    ],
    supportedTypes: ["selection"],
    fieldDependencies: ({ options }) => [{ name: options.anchors || "anchors", type: "json" }],
    isEmpty: (record, fieldName) => record.data[fieldName] === false,
    listViewWidth: [190, 300],
    extractProps: ({ options }, dynamicInfo) => ({
        readonly: dynamicInfo.readonly,
        anchorsField: options.anchors,
    }),
};

registry.category("fields").add("scorecard_points", pointsField);
