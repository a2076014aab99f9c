import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The classes of a scheme as a pyramid: the best class on top, a bar as wide as the class has customers. A class leads to
 * its customers. The value is made by `customer.tier.scheme._compute_pyramid`.
 */
export class TierPyramid extends Component {
    static template = "customer_tiering.TierPyramid";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get rows() {
        const rows = this.props.record.data[this.props.name] || [];
        const most = Math.max(1, ...rows.map((row) => row.count));
        return rows.map((row) => ({
            ...row,
            width: row.count ? Math.max(2, (100 * row.count) / most) : 0,
            shareText: this.percent(row.share),
            partText: row.part === null ? "" : this.percent(row.part),
        }));
    }

    get hasParts() {
        return this.rows.some((row) => row.part !== null);
    }

    percent(number) {
        return `${formatFloat(number, { digits: [16, 1] })} %`;
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Customers: %s", row.name),
            res_model: "customer.tier.membership",
            views: [
                [false, "list"],
                [false, "kanban"],
            ],
            domain: [
                ["scheme_id", "=", this.props.record.resId],
                ["tier_id", "=", row.id || false],
            ],
        });
    }
}

registry.category("fields").add("tier_pyramid", {
    component: TierPyramid,
    displayName: _t("Pyramid of classes"),
    supportedTypes: ["json"],
});
