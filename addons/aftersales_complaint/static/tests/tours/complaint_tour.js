import { registry } from "@web/core/registry";

// A1, A3 and A4 in the browser, in Chinese. The people, the dealer and the goods are those of
// tests/test_complaint_browser.py.

const tours = registry.category("web_tour.tours");
// The page of a busy machine takes its time to come.
const opened = { trigger: ".o_form_view .o_statusbar_status", timeout: 60000 };
const state = (value) => `.o_statusbar_status .o_arrow_button_current[data-value=${value}]`;
const button = (name) => `.o_statusbar_buttons button[name=${name}]:visible`;
const click = (trigger) => ({ trigger, run: "click" });
const page = (name) => click(`.o_notebook .nav-link[name=${name}]`);
const none = (name) => ({ content: `Nobody else's: ${name}`, trigger: `.o_form_view:not(:has(${button(name)}))` });
const select = (name, label) => [
    click(`.o_field_widget[name=${name}] input`),
    click(`.o_select_menu_item:contains('${label}')`),
    { trigger: `.o_field_widget[name=${name}] input:value(${label})` },
];
const choose = (name, text) => [
    { trigger: `.o_field_widget[name=${name}] input`, run: `edit ${text}` },
    click(`ul.ui-autocomplete > li > a:contains('${text}')`),
];
const refused = (...texts) => [
    { content: "Refused, with the figures", trigger: ".modal" + texts.map((text) => `:contains('${text}')`).join("") },
    click(".modal footer .btn-primary"),
    { trigger: "body:not(:has(.modal))" },
];

async function photograph({ anchor }) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 40;
    canvas.getContext("2d").fillRect(5, 5, 30, 30);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    const files = new DataTransfer();
    files.items.add(new File([blob], "湿箱.jpg", { type: "image/jpeg" }));
    anchor.files = files.files;
}

tours.add("complaint_dealer_files", {
    steps: () => [
        { ...click("a[href='/my/complaints/new']:contains('提交投诉')"), expectUnloadPage: true },
        { trigger: "input[name=subject]", run: "edit 外箱受潮" },
        { trigger: "select[name=kind_id]", run: "selectByLabel 包装" },
        { trigger: "select[name=wish]", run: "selectByLabel 退货" },
        { trigger: "select[name=order_line_id]", run: "selectByIndex 1" },
        { trigger: "input[name=quantity]", run: "edit 70" },
        { trigger: "textarea[name=description]", run: "edit 两箱湿透" },
        { trigger: "input[name=photos]", run: photograph },
        { ...click("button:contains('提交投诉')"), expectUnloadPage: true },
        { trigger: ".alert-success:contains('已收到您的投诉')" },
        { trigger: ".o_complaint_state:contains('已收到')" },
        { content: "The photo is shown", trigger: ".o_complaint_line img[alt='湿箱.jpg']" },
    ],
});

tours.add("complaint_service_files", {
    steps: () => [
        opened,
        { trigger: ".o_field_widget[name=subject] textarea", run: "edit 外箱受潮" },
        ...choose("partner_id", "仁心大药房"),
        click(".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a"),
        { trigger: ".modal .o_field_widget[name=kind_id] input", run: "edit 质量" },
        click("ul.ui-autocomplete > li > a:contains('质量')"),
        { trigger: ".modal .o_field_widget[name=delivered_id] input", run: "edit 阿莫西林" },
        click("ul.ui-autocomplete > li > a:contains('阿莫西林')"),
        { trigger: ".modal .o_field_widget[name=product_id]:contains(阿莫西林)" },
        { trigger: ".modal .o_field_widget[name=delivered_quantity]:contains('10')" },
        { trigger: ".modal .o_field_widget[name=quantity] input", run: "edit 3" },
        click(".modal footer .o_form_button_save"),
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_field_widget[name=order_id]:contains('S')" },
        click(".o_form_button_save"),
        { trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
    ],
});

tours.add("complaint_service", {
    steps: () => [
        opened,
        { trigger: `${state("received")}:contains('已收到')` },
        { content: "What is next", trigger: ".o_field_widget[name=next_step] input:value(确认受理)" },
        none("action_investigate"),
        click(button("action_acknowledge")),
        { trigger: state("acknowledged") },
        page("assessment"),
        { trigger: ".o_field_widget[name=impact] textarea", run: "edit 不影响患者，门店缺货" },
        click(button("action_assess")),
        { trigger: state("assessed") },
        none("action_decide"),
    ],
});

tours.add("complaint_quality", {
    steps: () => [
        opened,
        click(button("action_investigate")),
        { trigger: state("investigating") },
        page("investigation"),
        ...choose("cause_id", "运输损坏"),
        ...select("responsibility", "承运方"),
        { trigger: ".o_field_widget[name=findings] textarea", run: "edit 雨水渗入" },
        page("decision"),
        click(".o_field_widget[name=remedy_ids] .o_field_x2many_list_row_add a"),
        { trigger: ".modal .o_field_widget[name=complaint_id], .modal .o_field_widget[name=kind]" },
        click(".modal .o_field_widget[name=kind] input"),
        click(".o_select_menu_item:contains('退货')"),
        { trigger: ".modal .o_field_widget[name=kind] input:value(退货)" },
        click(".modal .o_field_widget[name=line_id] input"),
        click("ul.ui-autocomplete > li > a:contains('包装')"),
        { trigger: ".modal .o_field_widget[name=line_id] input:value(包装)" },
        { trigger: ".modal .o_field_widget[name=quantity] input", run: "edit 70" },
        click(".modal footer .o_form_button_save"),
        { trigger: "body:not(:has(.modal))" },
        { content: "More than came doesn't go back", ...click(".o_form_button_save") },
        ...refused("已交货 10", "退货途中 70", "超出 60"),
        click(".o_field_widget[name=remedy_ids] .o_data_row td[name=kind]"),
        { trigger: ".modal .o_field_widget[name=quantity] input", run: "edit 4" },
        click(".modal footer .o_form_button_save"),
        { trigger: "body:not(:has(.modal))" },
        click(".o_form_button_save"),
        { trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
        none("action_decide"),
    ],
});

tours.add("complaint_decider", {
    steps: () => [
        opened,
        page("decision"),
        ...select("decision", "接受"),
        { trigger: ".o_field_widget[name=decision_note] textarea", run: "edit 同意退货四盒" },
        click(button("action_decide")),
        { trigger: state("decided") },
        none("action_close"),
    ],
});

tours.add("complaint_service_tells", {
    steps: () => [
        opened,
        none("action_close"),
        click(button("action_notify")),
        { trigger: ".modal .o_field_widget[name=text] textarea", run: "edit 同意退货四盒，请安排取货" },
        click(".modal footer button[name=action_apply]"),
        { trigger: state("notified") },
        { content: "What was promised isn't done", ...click(button("action_close")) },
        click(".modal footer .btn-primary"),
        ...refused("尚未落实", "退货"),
        page("decision"),
        click(".o_field_widget[name=remedy_ids] button[name=action_make]"),
        { trigger: ".o_field_widget[name=remedy_ids] .o_data_row:contains('已执行')" },
    ],
});

tours.add("complaint_dealer_answers", {
    steps: () => [
        { trigger: ".o_complaint_decision:contains('同意退货四盒'):contains('退货')" },
        { ...click(".o_complaint_respond button[value=accepted]"), expectUnloadPage: true },
        { trigger: ".alert-success:contains('感谢您的答复')" },
        click("label[for=rate_5]"),
        { trigger: ".o_complaint_rate textarea[name=feedback]", run: "edit 处理很快" },
        { ...click(".o_complaint_rate button"), expectUnloadPage: true },
        { trigger: ".o_complaint_rated:contains('★★★★★'):contains('处理很快')" },
    ],
});

tours.add("complaint_service_closes", {
    steps: () => [
        opened,
        { trigger: ".o_field_widget[name=customer_response]:contains('接受')" },
        click(button("action_close")),
        click(".modal footer .btn-primary"),
        { trigger: `${state("closed")}:contains('已结案')` },
        { content: "Kept as it is", trigger: ".o_field_widget[name=subject]:not(:has(textarea))" },
        none("action_reopen"),
    ],
});

tours.add("complaint_close_without_notice", {
    steps: () => [
        opened,
        click(button("action_close")),
        click(".modal footer .btn-primary"),
        ...refused("没有告知客户的凭证"),
        { trigger: state("notified") },
    ],
});

tours.add("complaint_own_investigation", {
    steps: () => [
        opened,
        { trigger: ".alert-info:contains('由您本人调查')" },
        none("action_decide"),
    ],
});

tours.add("complaint_too_late", {
    steps: () => [
        opened,
        click(button("action_decide")),
        ...refused("超出退货政策", "距投诉 60 天", "退货期限为 30 天"),
        { trigger: state("investigating") },
    ],
});
