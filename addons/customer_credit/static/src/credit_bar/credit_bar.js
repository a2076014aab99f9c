import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Shows a customer's credit as figures and a bar: limit, used, this order, remaining; with `detail` also what the
 * used part consists of, each figure leading to its documents. The value is made by `res.partner._credit_picture`.
 */
export class CreditBar extends Component {
    static template = "customer_credit.CreditBar";
    static props = { ...standardFieldProps, detail: { type: Boolean, optional: true } };

    get picture() {
        return this.props.record.data[this.props.name] || false;
    }

    get limited() {
        return this.picture.mode !== "unlimited";
    }

    get over() {
        return this.limited && this.picture.remaining < 0;
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.picture.currency_id });
    }

    date(value) {
        return formatDate(deserializeDate(value));
    }

    get cells() {
        const { limit, used, order, remaining, mode } = this.picture;
        const cells = [];
        if (this.limited) {
            cells.push({ key: "limit", label: _t("Credit limit"), value: mode === "none" && !limit ? _t("None") : this.money(limit) });
        } else {
            cells.push({ key: "limit", label: _t("Credit limit"), value: _t("Unlimited") });
        }
        cells.push({ key: "used", label: _t("Used"), value: this.money(used), swatch: "o_credit_bar_used" });
        if (order) {
            cells.push({ key: "order", label: _t("This order"), value: this.money(order), swatch: "o_credit_bar_order" });
        }
        if (this.limited) {
            cells.push({
                key: "remaining",
                label: this.over ? _t("Over the limit") : _t("Remaining"),
                value: this.money(Math.abs(remaining)),
                swatch: this.over ? "o_credit_bar_over" : "o_credit_bar_left",
                danger: this.over,
            });
        }
        if (this.picture.overdue) {
            cells.push({
                key: "overdue",
                label: _t("Overdue for %s days", this.picture.overdue_days),
                value: this.money(this.picture.overdue),
                danger: true,
            });
        }
        return cells;
    }

    get badges() {
        const { frozen, expired, valid_until, temporary_limit, guarantees, collectives } = this.picture;
        const badges = [];
        if (frozen) {
            badges.push({ key: "frozen", cls: "text-bg-danger", text: _t("Customer frozen") });
        }
        if (expired) {
            badges.push({ key: "expired", cls: "text-bg-danger", text: _t("Limit expired on %s", this.date(valid_until)) });
        }
        if (temporary_limit) {
            badges.push({ key: "temporary", cls: "text-bg-info", text: _t("Temporary limit %s included", this.money(temporary_limit)) });
        }
        if (guarantees) {
            badges.push({ key: "guarantees", cls: "text-bg-info", text: _t("Guarantees %s included", this.money(guarantees)) });
        }
        for (const { kind, name, remaining } of collectives || []) {
            const over = remaining < 0;
            const amount = this.money(Math.abs(remaining));
            const labels = {
                group: over ? _t("Group %(name)s: %(amount)s over the limit", { name, amount }) : _t("Group %(name)s: %(amount)s remaining", { name, amount }),
                ceiling: over ? _t("Ceiling of the company: %s over", amount) : _t("Ceiling of the company: %s remaining", amount),
            };
            badges.push({ key: kind, cls: over ? "text-bg-danger" : "text-bg-light border", text: labels[kind] });
        }
        return badges;
    }

    get segments() {
        const used = Math.max(this.picture.used, 0);
        const order = Math.max(this.picture.order || 0, 0);
        const limit = this.picture.limit || 0;
        const whole = Math.max(limit, used + order) || 1;
        const part = (value) => (100 * Math.max(value, 0)) / whole;
        const usedInside = Math.min(used, limit);
        const orderInside = Math.min(order, Math.max(limit - used, 0));
        return [
            { key: "used", cls: "o_credit_bar_used", width: part(usedInside) },
            { key: "order", cls: "o_credit_bar_order", width: part(orderInside) },
            { key: "over", cls: "o_credit_bar_over", width: part(used + order - usedInside - orderInside) },
        ].filter((segment) => segment.width > 0);
    }

    get rows() {
        const p = this.picture;
        return [
            { key: "receivable", label: _t("Receivable"), value: p.receivable },
            { key: "draft_invoices", label: _t("Draft invoices"), value: p.draft_invoices },
            { key: "orders", label: _t("Orders not yet invoiced"), value: p.orders },
            { key: "unapplied", label: _t("Unapplied payments"), value: -p.unapplied },
        ];
    }

    get buckets() {
        const labels = [_t("Not due"), _t("1-30 days"), _t("31-60 days"), _t("61-90 days"), _t("Over 90 days")];
        return (this.picture.ageing || []).map((value, index) => ({ key: index, label: labels[index], value }));
    }

    open(figure) {
        return this.env.services.action.doActionButton({
            type: "object",
            name: "action_credit_documents",
            resModel: this.props.record.resModel,
            resId: this.props.record.resId,
            context: { ...this.props.record.context, credit_figure: figure },
        });
    }
}

export const creditBar = {
    component: CreditBar,
    displayName: _t("Credit bar"),
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ detail: Boolean(options.detail) }),
};

registry.category("fields").add("credit_bar", creditBar);
