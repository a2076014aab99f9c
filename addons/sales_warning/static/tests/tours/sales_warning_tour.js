import { registry } from "@web/core/registry";

// W6, W7 in the browser, in Chinese: a manager tries a rule out, switches it on and runs it; the salesperson handles the
// warning and reports an incident. The people are those of tests/test_browser.py.

const tours = registry.category("web_tour.tours");
const dialog = ".modal:not(.o_inactive_modal)";
const report = "button[name=action_report_incident]";
const state = (name) => `.o_statusbar_status .o_arrow_button_current[data-value=${name}]`;

tours.add("sales_warning_rule", {
    steps: () => [
        { trigger: state("draft"), timeout: 60000 },
        { content: "Try it out", trigger: "button[name=action_backtest]:contains('历史回测')", run: "click" },
        { content: "What it would have said", trigger: ".o_form_view p.lead:contains('次预警')", timeout: 60000 },
        { trigger: ".o_notebook a[name=alarms]", run: "click" },
        { trigger: ".tab-pane.active .o_data_row:contains('康泰大药房'):contains('采购')" },
        { content: "Switch it on", trigger: "button[name=action_switch_on]:contains('启用')", run: "click" },
        { trigger: state("on") },
        { content: "Look now", trigger: "button[name=action_run_now]:contains('立即检查')", run: "click" },
        { trigger: ".o_kanban_record:contains('康泰大药房'):contains('减少')", timeout: 60000 },
    ],
});

tours.add("sales_warning_handle", {
    steps: () => [
        { content: "Mine", trigger: ".o_kanban_record:contains('康泰大药房')", run: "click", timeout: 60000 },
        { trigger: state("open") },
        { trigger: "button[name=action_investigate]:contains('开始调查')", run: "click" },
        { trigger: state("investigating") },
        { trigger: ".o_field_widget[name=cause] textarea", run: "edit 换了采购负责人。" },
        { trigger: ".o_field_widget[name=measures] textarea", run: "edit 总监登门拜访。" },
        { trigger: "button[name=action_plan]", run: "click" },
        { trigger: state("measures") },
        { trigger: ".o_statusbar_buttons button[name=action_close]", run: "click" },
        { trigger: `${dialog} [name=outcome] .o_radio_item:contains('属实') input`, run: "click" },
        { trigger: `${dialog} .o_field_widget[name=result] textarea`, run: "edit 已恢复每周采购。" },
        { trigger: `${dialog} footer button[name=action_confirm]:contains('关闭预警')`, run: "click" },
        { trigger: state("closed") },
    ],
});

tours.add("sales_warning_incident", {
    steps: () => [
        {
            content: "Where the buttons of a customer are many, the one that is wanted is among those that have no room",
            trigger: ".o-form-buttonbox",
            timeout: 60000,
            run({ click }) {
                return document.querySelector(report) ? undefined : click(".o-form-buttonbox .o_button_more");
            },
        },
        { trigger: `${report}:contains('上报重大事件')`, run: "click" },
        { trigger: `${dialog} [name=kind_id] .o_radio_item:contains('盗窃') input`, run: "click" },
        { trigger: `${dialog} .o_field_widget[name=what] textarea`, run: "edit 仓库夜间被盗。" },
        { trigger: `${dialog} footer button[name=action_report]`, run: "click" },
        { trigger: ".o_notification:contains('负责处理')" },
    ],
});
