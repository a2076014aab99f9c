import { registry } from "@web/core/registry";

// Targets typed in the grid, in Chinese. The customers and the sales behind the season are those of tests/test_browser.py.

const cell = (row, column) => `.o_target_table input[data-row="${row}"][data-column="${column}"]`;

registry.category("web_tour.tours").add("customer_metrics_target_grid", {
    steps: () => [
        {
            content: "Nobody has a target yet, so all customers are shown",
            trigger: ".o_target_customers",
            run: "select all",
        },
        { trigger: ".o_target_search", run: "edit 网格 && press Enter" },
        {
            content: "The two that were looked for, and nobody else",
            trigger: ".o_target_table tbody:not(:has(tr:nth-child(3))) .o_target_row:contains('网格大药房')",
        },
        { content: "Sales of last year stand below", trigger: ".o_target_row:contains('网格大药房'):contains('1,200')" },
        { content: "A month", trigger: cell(0, 0), run: "edit 5000 && press Enter" },
        { content: "Enter goes on to the customer below", trigger: `${cell(1, 0)}:focus`, run: "edit 很多 && press Enter" },
        { content: "What is no amount is refused", trigger: ".o_notification:contains('很多')" },
        { content: "A year is spread by the season", trigger: cell(1, 12), run: "edit 240000 && press Tab" },
        { trigger: `${cell(1, 0)}:value(20,000)` },
        { trigger: `${cell(1, 11)}:value(20,000)` },
        { content: "The totals follow before anything is saved", trigger: "tfoot:contains('25,000'):contains('245,000')" },
        { content: "Leaving asks first", trigger: "button[aria-label='下一年']", run: "click" },
        { trigger: ".modal button:contains('留在此处')", run: "click" },
        { trigger: ".o_target_save:contains('13')", run: "click" },
        { trigger: ".o_notification:contains('新建 13 个目标')" },
        { content: "Nothing is left to save", trigger: ".o_target_save:disabled" },
        { content: "With targets now", trigger: ".o_target_customers", run: "select planned" },
        { trigger: ".o_target_row:contains('网格诊所')" },
        { content: "Emptying a year removes its targets", trigger: cell(0, 12), run: "clear && press Tab" },
        { trigger: ".o_target_save:contains('1')", run: "click" },
        { trigger: ".o_notification:contains('删除 1 个')" },
        { trigger: ".o_target_table:not(:contains('网格大药房'))" },
    ],
});
