import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";

/** Downloads the scores of the selected evaluations as XLSX. */
async function exportScores(env, action) {
    env.services.ui.block();
    try {
        await download({
            url: "/customer_scorecard/xlsx",
            data: { ids: JSON.stringify(action.context?.active_ids || []) },
        });
    } finally {
        env.services.ui.unblock();
    }
}

registry.category("actions").add("customer_scorecard.export", exportScores);
