import { registry } from "@web/core/registry";

// C6, C7 in the browser, in Chinese. The figures are those of tests/test_browser.py: limit 1,000, invoiced 300.

const tours = registry.category("web_tour.tours");

tours.add("credit_hold_salesperson", {
    steps: () => [
        { content: "New quotation", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Its customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit 康泰大药房",
        },
        { trigger: "ul.ui-autocomplete > li > a:contains('康泰大药房')", run: "click" },
        {
            content: "The banner says what may still be ordered",
            trigger: ".o_credit_bar:contains('剩余'):contains('700.00')",
        },
        { content: "A product", trigger: ".o_field_x2many_list_row_add a:contains('添加产品')", run: "click" },
        {
            trigger: ".o_selected_row div[name='product_template_id'] input, .o_selected_row div[name='product_id'] input",
            run: "edit 板蓝根颗粒",
        },
        { trigger: "ul.ui-autocomplete a:contains('板蓝根颗粒')", run: "click" },
        {
            content: "Eight of them are worth 800",
            trigger: ".o_selected_row div[name=product_uom_qty] input",
            run: "edit 8 && press Tab",
        },
        { trigger: ".o_field_widget[name=tax_totals]:contains('800.00')" },
        {
            content: "The banner warns before anything is confirmed",
            trigger: ".o_credit_bar:contains('800.00')",
        },
        { content: "Confirm", trigger: ".o_statusbar_buttons button[name=action_confirm]:visible", run: "click" },
        {
            content: "The order is held, with the exact figures and who can release it",
            trigger:
                ".alert-warning:contains('此订单已冻结'):contains('1,000.00'):contains('300.00'):contains('800.00'):contains('100.00'):contains('会计李娜')",
        },
        { content: "It is still a quotation", trigger: ".o_statusbar_status .o_arrow_button_current:contains('报价单')" },
        { trigger: "[name=hold_state]:contains('已冻结')" },
        {
            content: "A salesperson can't release",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_hold_release]:visible))",
        },
    ],
});

tours.add("credit_hold_accountant", {
    steps: () => [
        {
            content: "The queue shows the order with its figures",
            trigger: ".o_data_row:contains('康泰大药房'):contains('800.00'):contains('1,000.00'):contains('300.00'):contains('100.00')",
        },
        { content: "Release", trigger: ".o_data_row button[name=action_release]", run: "click" },
        { trigger: ".modal .o_field_widget[name=code_id] input", run: "edit 款已到" },
        { trigger: "ul.ui-autocomplete > li > a:contains('款已到')", run: "click" },
        {
            content: "Without a reason there is no decision",
            trigger: ".modal footer button[name=action_decide]:visible",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=reason].o_field_invalid" },
        { trigger: ".modal .o_field_widget[name=reason] textarea", run: "edit 银行回单已见" },
        { trigger: ".modal footer button[name=action_decide]:visible", run: "click" },
        { content: "The queue is empty", trigger: ".o_action_manager:contains('没有等待决定的订单')" },
    ],
});

tours.add("credit_hold_growth", {
    steps: () => [
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains('销售订单')" },
        { trigger: "[name=hold_state]:contains('已放行')" },
        { content: "Raise the quantity", trigger: ".o_data_row td[name=product_uom_qty]", run: "click" },
        { trigger: ".o_selected_row div[name=product_uom_qty] input", run: "edit 9 && press Tab" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "What was added is held",
            trigger: ".alert-warning:contains('增加部分已冻结'):contains('900.00'):contains('200.00')",
        },
        { trigger: "[name=hold_state]:contains('已冻结')" },
    ],
});
