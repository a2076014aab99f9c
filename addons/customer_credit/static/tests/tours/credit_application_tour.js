import { registry } from "@web/core/registry";

// C1 to C4 in the browser, in Chinese: from application to limit in force, by four people. The people and the customer are
// those of tests/test_application_browser.py.

const tours = registry.category("web_tour.tours");
const state = (value) => `.o_statusbar_status .o_arrow_button_current[data-value=${value}]`;
const button = (name) => `.o_statusbar_buttons button[name=${name}]:visible`;
const row = (name) => `.o_field_widget[name=answer_ids] .o_data_row:contains('${name}')`;
const none = (name) => ({ content: `Nobody else's: ${name}`, trigger: `.o_form_view:not(:has(${button(name)}))` });

tours.add("credit_application_salesperson", {
    steps: () => [
        { content: "A new application", trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=partner_id] input", run: "edit 仁心大药房" },
        { trigger: "ul.ui-autocomplete > li > a:contains('仁心大药房')", run: "click" },
        { trigger: ".o_field_widget[name=requested_limit] input", run: "edit 50000" },
        { trigger: ".o_field_widget[name=requested_days] input", run: "edit 30" },
        { trigger: ".o_field_widget[name=reason] textarea", run: "edit 秋季备货" },
        { trigger: ".o_field_widget[name=guarantees] textarea", run: "edit 法人连带责任保证" },
        { content: "Submit", trigger: button("action_submit"), run: "click" },
        { trigger: state("submitted") },
        { content: "Kept as it is", trigger: ".o_field_widget[name=requested_limit]:not(:has(input)):contains('50,000.00')" },
        none("action_investigate"),
        none("action_decide"),
    ],
});

tours.add("credit_application_investigator", {
    steps: () => [
        { trigger: `${state("submitted")}:contains('已提交')` },
        none("action_submit"),
        { content: "Investigate", trigger: button("action_investigate"), run: "click" },
        { trigger: ".o_field_widget[name=registered_capital] input", run: "edit 1000000" },
        { trigger: ".o_field_widget[name=owner] input", run: "edit 陈建华" },
        { trigger: ".o_field_widget[name=file_complete] input", run: "click" },
        { content: "A finding", trigger: "[name=finding_ids] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: "[name=finding_ids] .o_selected_row [name=source] input", run: "edit 工商银行" },
        { trigger: "[name=finding_ids] .o_selected_row [name=text] textarea", run: "edit 往来正常" },
        { trigger: ".o_field_widget[name=conclusion] textarea", run: "edit 经营稳健，库存周转正常" },
        { content: "Done", trigger: button("action_done"), run: "click" },
        { trigger: state("done") },
        { content: "Kept as it is", trigger: ".o_field_widget[name=conclusion]:not(:has(textarea)):contains('经营稳健')" },
    ],
});

tours.add("credit_application_accountant", {
    steps: () => [
        none("action_investigate"),
        none("action_decide"),
        { content: "Assess", trigger: button("action_assess"), run: "click" },
        { content: "The veto questions come answered from the investigation", trigger: `${row("资料不全")} [data-points='4']` },
        ...["付款记录", "偿债能力", "流动性", "盈利性", "银行与担保", "业主声誉", "履约情况", "往来年限", "市场前景", "网络与规划"].map(
            (name) => ({ content: name, trigger: `${row(name)} [data-points='4']`, run: "click" })
        ),
        // All that is answered has four of five points.
        { content: "The score follows", trigger: ".o_field_widget[name=score]:contains('80.00')" },
        { content: "Hand it in", trigger: button("action_submit"), run: "click" },
        { trigger: state("submitted") },
        none("action_approve"),
        { content: "Back to the application", trigger: "button[name=action_credit_application]", run: "click" },
        { trigger: state("assessed") },
        none("action_decide"),
    ],
});

tours.add("credit_application_director", {
    steps: () => [
        { trigger: `${state("assessed")}:contains('已评估')` },
        { content: "Why nothing is proposed", trigger: ".o_field_widget[name=calculation]:contains('新客户'):contains('AA')" },
        { content: "Decide", trigger: button("action_decide"), run: "click" },
        { content: "The figures are beside", trigger: ".modal .o_field_widget[name=requested_limit]:contains('50,000.00')" },
        { trigger: ".modal .o_field_widget[name=limit] input", run: "edit 20000" },
        { trigger: ".modal .o_field_widget[name=days] input", run: "edit 15" },
        {
            content: "Without a reason there is no decision",
            trigger: ".modal footer button[name=action_decide]:visible",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=reason].o_field_invalid" },
        { trigger: ".modal .o_field_widget[name=reason] textarea", run: "edit 先小额试行" },
        { trigger: ".modal footer button[name=action_decide]:visible", run: "click" },
        { content: "In force", trigger: `${state("in_force")}:contains('已生效')` },
        { trigger: ".o_field_widget[name=decided_limit]:contains('20,000.00')" },
        { content: "On record", trigger: ".o_notebook a[name=decisions]", run: "click" },
        { trigger: "[name=decision_ids] .o_data_row:contains('先小额试行'):contains('20,000.00')" },
        { content: "The account", trigger: "button[name=action_open_account]", run: "click" },
        { trigger: ".o_field_widget[name=credit_limit] input:value(20,000.00)" },
    ],
});
