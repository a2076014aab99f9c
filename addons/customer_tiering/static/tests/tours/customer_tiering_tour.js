import { registry } from "@web/core/registry";

// T2, T7 in the browser, in Chinese: a director moves a bound and computes a preview; another one approves it and lets it
// take effect; the salesperson sees the class and what stands behind it. The people are those of tests/test_browser.py.

const tours = registry.category("web_tour.tours");
const dialog = ".modal:not(.o_inactive_modal)";
const state = (name) => `.o_statusbar_status .o_arrow_button_current[data-value=${name}]`;

tours.add("customer_tiering_preview", {
    steps: () => [
        { content: "The scheme", trigger: ".o_data_row:contains('零售与医疗') td[name=name]", run: "click" },
        {
            content: "Class C begins lower",
            trigger: "[name=tier_ids] .o_data_row:contains('0.5, 1') td[name=bound]",
            run: "click",
        },
        { trigger: "[name=tier_ids] .o_selected_row [name=bound] input", run: "edit 0.4 && press Tab" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "[name=tier_ids] .o_data_row:contains('[0.4, 1)')" },
        { content: "A new run", trigger: ".o_statusbar_buttons button[name=action_new_run]", run: "click" },
        { trigger: state("draft") },
        { trigger: ".o_statusbar_buttons button[name=action_compute]:contains('计算')", run: "click" },
        { trigger: state("computed") },
        {
            content: "So many move that another director has to approve",
            trigger: ".alert-warning:contains('变动客户较多'):contains('总监周建国')",
        },
        { trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]:visible))" },
        { trigger: ".o_statusbar_buttons:not(:has(button[name=action_apply]:visible))" },
        { content: "Who moves into the best class", trigger: ".o_tier_matrix tbody tr:last-child td:nth-child(2) button", run: "click" },
        {
            content: "Why, in one sentence",
            trigger:
                ".o_data_row:contains('康泰大药房'):contains('月均 12 万元，毛利率 2.3 %：按销售额为 AA，毛利率高于 2 %，升一级为 AAA。')",
        },
        { content: "The documents", trigger: ".o_data_row button[name=action_documents]", run: "click" },
        { trigger: ".o_breadcrumb:contains('等级对应的交易 – 康泰大药房')" },
        { content: "Twelve months that add up to 144", trigger: ".o_list_view .o_data_row:nth-of-type(12)" },
        { trigger: ".o_list_footer:contains('1,440,000.00')" },
    ],
});

tours.add("customer_tiering_approve", {
    steps: () => [
        { trigger: state("computed") },
        { content: "Approve", trigger: ".o_statusbar_buttons button[name=action_approve]:contains('批准')", run: "click" },
        { trigger: `${dialog} .o_field_widget[name=reason] textarea`, run: "edit 首次分类，已逐一核对。" },
        { trigger: `${dialog} footer button[name=action_decide]`, run: "click" },
        { trigger: state("approved") },
        { content: "Let it take effect", trigger: ".o_statusbar_buttons button[name=action_apply]", run: "click" },
        { trigger: `${dialog} .modal-footer .btn-primary`, run: "click" },
        { trigger: state("applied") },
    ],
});

tours.add("customer_tiering_customer", {
    steps: () => [
        // The form is the first one of this client: on a busy machine it takes its time.
        { content: "The badge", trigger: "button[name=action_tier_history]:contains('AAA')", timeout: 60000 },
        { content: "The page", trigger: ".o_notebook a[name=customer_tiering]", run: "click" },
        {
            trigger:
                ".tab-pane.active .o_data_row:contains('零售与医疗'):contains('AAA'):contains('月均 12 万元，毛利率 2.3 %')",
        },
        {
            content: "A salesperson fixes no class",
            trigger: ".tab-pane.active .o_data_row:not(:has(button[name=action_override]))",
        },
        { trigger: ".tab-pane.active .o_data_row button[name=action_documents]", run: "click" },
        { trigger: ".o_list_footer:contains('1,440,000.00')" },
    ],
});

tours.add("customer_tiering_overview", {
    steps: () => [
        {
            content: "The pyramid: one in AAA, one in B, one in C",
            trigger: ".o_kanban_record:contains('零售与医疗') .o_tier_pyramid tr:contains('AAA'):contains('33.3 %'):contains('83.3 %')",
        },
        { trigger: ".o_kanban_record:contains('零售与医疗') .o_tier_bar[aria-label='AAA: 1']", run: "click" },
        { trigger: ".o_data_row:contains('康泰大药房')" },
        { trigger: ".o_data_row:not(:contains('仁和诊所'))" },
    ],
});
