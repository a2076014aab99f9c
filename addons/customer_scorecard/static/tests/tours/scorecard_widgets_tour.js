import { registry } from "@web/core/registry";

// E2, E7: the steps, the radar, the trend and the comparison in the browser, in Chinese. The points are those of
// tests/test_print.py: 康泰大药房 has 5, 1, nothing, 4 on criteria that weigh 30, 30, 20, 20.

const tours = registry.category("web_tour.tours");
const row = (name) => `.o_field_widget[name=answer_ids] .o_data_row:contains('${name}')`;

tours.add("scorecard_widgets", {
    steps: () => [
        { content: "The group stands above its first criterion", trigger: `${row("资金实力")} .o_scorecard_heading:contains('经营能力')` },
        { trigger: `${row("商业信誉")}:not(:has(.o_scorecard_heading))` },
        { trigger: `${row("合作态度")} [data-points='5'][aria-checked=true]` },
        {
            content: "What isn't answered has no step",
            trigger: `${row("资金实力")} .o_scorecard_steps:not(:has([aria-checked=true]))`,
        },
        { trigger: ".o_field_widget[name=score]:contains('65.00')" },
        { content: "Answer it without opening the row", trigger: `${row("资金实力")} [data-points='0']`, run: "click" },
        { content: "Zero is an answer", trigger: ".o_field_widget[name=score]:contains('52.00')" },
        { trigger: `${row("资金实力")} .o_scorecard_anchor:contains('一无所有')` },
        { content: "Take it back", trigger: `${row("资金实力")} [data-points='0']`, run: "click" },
        { trigger: ".o_field_widget[name=score]:contains('65.00')" },
        { content: "By the keyboard", trigger: `${row("资金实力")} [data-points='0']`, run: "press 4" },
        { trigger: `${row("资金实力")} [data-points='4'][aria-checked=true]` },
        // (30 x 5 + 30 x 1 + 20 x 4 + 20 x 4) / 100 x 20
        { trigger: ".o_field_widget[name=score]:contains('68.00')" },
        { content: "The radar follows", trigger: ".o_notebook a[name=picture]", run: "click" },
        { trigger: ".o_scorecard_radar canvas[aria-label*='资金实力 4']" },
        { content: "The score before it", trigger: ".o_scorecard_trend canvas[aria-label*='58.00']" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
    ],
});

tours.add("scorecard_compare", {
    steps: () => [
        { trigger: ".o_data_row:contains('康泰大药房') .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:contains('仁和诊所') .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus button:contains('操作')", run: "click" },
        { trigger: ".o_menu_item:contains('比较')", run: "click" },
        {
            content: "Both radars over each other",
            trigger: ".o_scorecard_compare canvas[aria-label*='康泰大药房'][aria-label*='仁和诊所']",
        },
        { trigger: ".o_scorecard_compare_result:contains('65.00'):contains('58.00')" },
        {
            content: "The better one is marked; what isn't answered is a dash",
            trigger: ".o_scorecard_compare tr:contains('资金实力') .o_scorecard_compare_points:contains('–')",
        },
        { trigger: ".o_scorecard_compare tr:contains('合作态度') .text-success:contains('5')" },
        {
            content: "One click to the evaluation",
            trigger: ".o_scorecard_compare thead a:contains('康泰大药房')",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=partner_id]:contains('康泰大药房')" },
    ],
});
