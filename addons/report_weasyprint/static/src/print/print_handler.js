import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { getReportUrl } from "@web/webclient/actions/reports/utils";

/**
 * Downloads the reports that WeasyPrint makes without asking whether wkhtmltopdf is there, as Odoo does.
 *
 * @param {Object} action
 * @param {Object} options
 * @param {Object} env
 * @returns {Promise<boolean>} whether the action was one of these
 */
export async function printByWeasyprint(action, options, env) {
    if (action.report_type !== "qweb-pdf" || action.pdf_engine !== "weasyprint") {
        return false;
    }
    env.services.ui.block();
    try {
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([getReportUrl(action, "pdf"), action.report_type]),
                context: JSON.stringify({ ...user.context, ...action.context }),
            },
        });
    } finally {
        env.services.ui.unblock();
    }
    return true;
}

registry.category("ir.actions.report handlers").add("report_weasyprint", printByWeasyprint);
