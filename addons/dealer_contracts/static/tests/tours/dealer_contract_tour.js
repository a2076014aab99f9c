import { registry } from "@web/core/registry";

// D1-D3 in the browser, in Chinese. The people and the dealer are those of tests/common.py.

const tours = registry.category("web_tour.tours");

const choose = (field, text) => [
    { trigger: `.o_field_widget[name=${field}] input`, run: `edit ${text}` },
    { trigger: `ul.ui-autocomplete > li > a:contains('${text}')`, run: "click" },
];
const page = (name) => ({ content: `Page ${name}`, trigger: `.o_notebook .nav-link[name=${name}]`, run: "click" });
const state = (text) => ({ trigger: `.o_statusbar_status .o_arrow_button_current:contains('${text}')` });

tours.add("contract_author", {
    steps: () => [
        { content: "New contract", trigger: ".o_list_button_add", run: "click" },
        ...choose("partner_id", "杭州康泰药业"),
        ...choose("template_id", "经销商标准购销合同（中文）"),
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "What is missing is listed",
            trigger: ".alert-warning:contains('提交前尚缺'):contains('合同标的'):contains('经销商政策')",
        },
        { content: "It can't be submitted so", trigger: "button[name=action_submit]", run: "click" },
        { trigger: ".modal:contains('提交合同前尚缺'):contains('付款条款')" },
        { trigger: ".modal footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_field_widget[name=date_start] input[data-field=date_start]", run: "edit 2026-01-10" },
        { trigger: ".o_field_widget[name=date_start] input[data-field=date_end]", run: "edit 2099-01-10 && press Tab" },
        page("subject"),
        { trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row [name=product_id] input", run: "edit 板蓝根颗粒" },
        { trigger: "ul.ui-autocomplete > li > a:contains('板蓝根颗粒')", run: "click" },
        { trigger: ".o_selected_row [name=brand] input", run: "edit 白云山" },
        { trigger: ".o_selected_row [name=specification] input", run: "edit 10g×20袋" },
        { trigger: ".o_selected_row [name=quantity] input", run: "edit 1000" },
        { trigger: ".o_selected_row [name=price_unit] input", run: "edit 12.5 && press Tab" },
        page("settlement"),
        ...choose("payment_term_id", "30"),
        { trigger: ".o_field_widget[name=no_policy] input", run: "check" },
        page("signing"),
        { trigger: ".o_field_widget[name=date_signed] input", run: "edit 2026-01-05 && press Tab" },
        { trigger: ".o_field_widget[name=sign_place] input", run: "edit 上海" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "Nothing is missing", trigger: ".o_form_view:not(:has(.alert-warning:visible))" },
        { trigger: ".o_field_widget[name=amount_words]:contains('人民币壹万贰仟伍佰元整')" },
        { content: "Submit", trigger: "button[name=action_submit]", run: "click" },
        state("审批中"),
        { trigger: ".alert-info:contains('等待')" },
        { content: "The author can't approve", trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]:visible))" },
    ],
});

tours.add("contract_approver", {
    steps: () => [
        state("审批中"),
        { content: "The text", trigger: ".o_notebook .nav-link[name=text]", run: "click" },
        { trigger: ".o_data_row:contains('违约责任与争议解决')" },
        { content: "Approve", trigger: "button[name=action_approve]", run: "click" },
        {
            content: "Once",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]:visible))",
        },
    ],
});

tours.add("contract_send", {
    steps: () => [
        state("已批准"),
        { content: "Send", trigger: "button[name=action_send]", run: "click" },
        state("已发送"),
        page("approval"),
        { trigger: ".o_data_row:contains('待签文本')" },
    ],
});

tours.add("contract_sign", {
    steps: () => [
        { trigger: ".o_portal_contract:contains('经销商购销合同'):contains('人民币壹万贰仟伍佰元整')" },
        { content: "A name, drawn by itself", trigger: "#sign .o_web_sign_name_and_signature input", run: "edit 赵强", timeout: 60000 },
        { trigger: "#sign canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        { trigger: "#sign .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Signed", trigger: ".alert-success:contains('合同已签署')" },
        { trigger: "#verify:contains('存档文件完好')" },
    ],
});

tours.add("contract_file", {
    steps: () => [
        state("已签署"),
        { content: "Verify", trigger: "button[name=action_verify]", run: "click" },
        { trigger: ".o_notification:contains('文件完好')" },
        page("custody"),
        ...choose("custodian_id", "Kay Custodian"),
        { trigger: ".o_field_widget[name=paper_place] input", run: "edit A-3" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "File", trigger: "button[name=action_file]", run: "click" },
        state("生效中"),
    ],
});
