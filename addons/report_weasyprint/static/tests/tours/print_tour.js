import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

registry.category("web_tour.tours").add("report_weasyprint_print", {
    steps: () => [
        {
            content: "Fetch the file as the browser would, to look at it",
            trigger: ".o_form_view .o_cp_action_menus button",
            run({ queryFirst }) {
                user.updateContext({ force_report_rendering: true });
                download._download = async ({ url, data }) => {
                    const body = new FormData();
                    Object.entries({ ...data, csrf_token: odoo.csrf_token }).forEach(([k, v]) => body.append(k, v));
                    const response = await fetch(url, { method: "POST", body });
                    const start = (await response.text()).slice(0, 5);
                    document.body.dataset.printed = `${response.headers.get("Content-Type")} ${start}`;
                };
            },
        },
        { trigger: ".o_form_view .o_cp_action_menus button", run: "click" },
        { trigger: ".o_menu_item:contains('客户登记表')", run: "click" },
        { content: "The file came", trigger: "body[data-printed='application/pdf %PDF-']" },
        { content: "Nothing else happened", trigger: "body:not(:has(.o_notification)) .o_form_view:not(:has(iframe))" },
    ],
});
