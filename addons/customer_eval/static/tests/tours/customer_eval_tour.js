import { registry } from "@web/core/registry";

// E1 to E3, E7 in the browser, in Chinese: a manager makes a scorecard without code, freezes it and evaluates a customer;
// another one approves; the salesperson sees what came of it. The people are those of tests/test_browser.py.

const tours = registry.category("web_tour.tours");
const dialog = ".modal:not(.o_inactive_modal)";
const row = (name) => `.o_field_widget[name=answer_ids] .o_data_row:contains('${name}')`;

function criterion(name, weight, save, steps = []) {
    return [
        { content: "An empty form", trigger: `${dialog} .o_field_widget[name=weight] input:value(1.00)` },
        { content: name, trigger: `${dialog} .o_field_widget[name=name] input`, run: `edit ${name}` },
        { trigger: `${dialog} .o_field_widget[name=weight] input`, run: `edit ${weight}` },
        ...steps,
        { trigger: `${dialog} .modal-footer button${save}`, run: "click" },
    ];
}

function grade(number, name, from, decision, months) {
    const line = `[name=band_ids] .o_data_row:nth-child(${number}).o_selected_row`;
    return [
        { content: name, trigger: "[name=band_ids] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: `${line} [name=name] input`, run: `edit ${name}` },
        { trigger: `${line} [name=score_from] input`, run: `edit ${from}` },
        ...choose(`${line} [name=decision]`, decision),
        { trigger: `${line} [name=review_months] input`, run: `edit ${months}` },
    ];
}

/** Choose a value of a selection, which is a menu in Odoo's forms and lists. */
function choose(field, label) {
    return [
        { trigger: `${field} input, ${field} select`, run: "click" },
        { trigger: `.o_select_menu_item:contains('${label}')`, run: "click" },
    ];
}

tours.add("customer_eval_template", {
    steps: () => [
        { content: "A new scorecard", trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=name] textarea, .o_field_widget[name=name] input", run: "edit 药店评价" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "Its criteria", trigger: ".o_statusbar_buttons button[name=action_open_version]:visible", run: "click" },
        { trigger: "[name=criterion_ids] .o_field_x2many_list_row_add a", run: "click" },
        ...criterion("合作态度", 40, ".o_form_button_save_new", [
            { content: "What 5 points look like", trigger: `${dialog} [name=anchor_ids] .o_field_x2many_list_row_add a`, run: "click" },
            { trigger: `${dialog} [name=anchor_ids] .o_selected_row [name=points] input`, run: "edit 5" },
            {
                trigger: `${dialog} [name=anchor_ids] .o_selected_row [name=description] textarea`,
                run: "edit 公开账目，书面接受任务",
            },
        ]),
        ...criterion("实际行动", 40, ".o_form_button_save_new"),
        ...criterion("门店位置", 20, ".o_form_button_save"),
        { trigger: "[name=criterion_ids] .o_data_row:contains('门店位置')" },
        { content: "The grades", trigger: ".o_notebook a[name=grades]", run: "click" },
        ...grade(1, "A", 70, "开户", 12),
        ...grade(2, "C", 0, "观察", 3),
        { content: "Attitude and action are a pair", trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
        { trigger: ".o_notebook a[name=criteria]", run: "click" },
        { trigger: "[name=criterion_ids] .o_data_row:contains('合作态度') td[name=name]", run: "click" },
        { trigger: `${dialog} .o_field_widget[name=action_criterion_id] input`, run: "edit 实际" },
        { trigger: "ul.ui-autocomplete a:contains('实际行动')", run: "click" },
        { trigger: `${dialog} .modal-footer button.o_form_button_save`, run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { content: "Freeze it", trigger: ".o_statusbar_buttons button[name=action_freeze]", run: "click" },
        { trigger: `${dialog} .modal-footer .btn-primary`, run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current[data-value=frozen]" },
        { content: "Nothing can be added any more", trigger: "[name=criterion_ids]:not(:has(.o_field_x2many_list_row_add))" },
    ],
});

tours.add("customer_eval_evaluate", {
    steps: () => [
        { content: "The page of the customer", trigger: ".o_notebook a[name=customer_eval]", run: "click" },
        { trigger: ".tab-pane.active .alert:contains('尚无已批准的评价')" },
        { content: "Evaluate", trigger: "button[name=action_evaluate]", run: "click" },
        { content: "With the scorecard of the settings", trigger: ".o_field_widget[name=template_id] input:value(药店评价)" },
        { content: "High words", trigger: `${row("合作态度")} [data-points='5']`, run: "click" },
        { trigger: `${row("合作态度")} .o_scorecard_anchor:contains('公开账目')` },
        { content: "Low deeds", trigger: `${row("实际行动")} [data-points='2']`, run: "click" },
        { trigger: `${row("门店位置")} [data-points='4']`, run: "click" },
        // (40 x 5 + 40 x 2 + 20 x 4) / 100 x 20
        { content: "The score follows", trigger: ".o_field_widget[name=score]:contains('72.00')" },
        { content: "False enthusiasm is flagged", trigger: ".o_field_widget[name=enthusiasm_note]:contains('合作态度'):contains('实际行动')" },
        { content: "What shows for 5 points", trigger: `${row("合作态度")} td[name=evidence]`, run: "click" },
        {
            trigger: ".o_selected_row [name=evidence] textarea, .o_selected_row [name=evidence] input",
            run: "edit 会议纪要",
        },
        { content: "Each criterion brings its part of the score", trigger: `${row("门店位置")} td[name=contribution]:contains('16.00')` },
        { content: "The radar", trigger: ".o_notebook a[name=picture]", run: "click" },
        { trigger: ".o_scorecard_radar canvas[aria-label*='合作态度 5'][aria-label*='实际行动 2']" },
        { trigger: ".o_statusbar_buttons button[name=action_submit]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current[data-value=submitted]" },
        {
            content: "Nobody approves his own",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]:visible))",
        },
    ],
});

tours.add("customer_eval_approve", {
    steps: () => [
        {
            content: "What waits for approval",
            trigger: ".o_data_row:contains('康泰大药房') td[name=partner_id]",
            run: "click",
        },
        { trigger: ".o_field_widget[name=enthusiasm_note]:contains('合作态度')" },
        { trigger: ".o_statusbar_buttons button[name=action_approve]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current[data-value=approved]" },
    ],
});

tours.add("customer_eval_customer", {
    steps: () => [
        { trigger: ".o_notebook a[name=customer_eval]", run: "click" },
        { content: "Decision and grade", trigger: ".tab-pane.active [name=eval_decision]:contains('开户')" },
        { trigger: ".tab-pane.active [name=eval_grade]:contains('A')" },
        { trigger: ".tab-pane.active .alert-danger:contains('虚假热情')" },
        { trigger: ".tab-pane.active [name=eval_trend_text]:contains('首次评价')" },
        { trigger: ".o_scorecard_radar canvas[aria-label*='合作态度 5']" },
        { content: "A salesperson doesn't evaluate", trigger: ".tab-pane.active:not(:has(button[name=action_evaluate]))" },
    ],
});
