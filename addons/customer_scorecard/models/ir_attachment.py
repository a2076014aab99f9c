from odoo import api, models
from odoo.exceptions import UserError

CONTENT_FIELDS = frozenset(
    {"name", "datas", "raw", "db_datas", "store_fname", "checksum", "url", "type", "mimetype", "res_model", "res_id"}
)


class IrAttachment(models.Model):
    """What shows for the points of an approved evaluation is kept with it (E4, E7)."""

    _inherit = "ir.attachment"

    def _check_scorecards_open(self, models=("customer.scorecard", "customer.scorecard.answer")):
        """Raise if one of the files belongs to an evaluation that is kept as it is."""
        ids = {model: set() for model in models}
        for file in self.sudo():
            if file.res_model in ids and file.res_id:
                ids[file.res_model].add(file.res_id)
        if not any(ids.values()):
            return
        answers = self.env["customer.scorecard.answer"].sudo().browse(ids.get("customer.scorecard.answer", ()))
        cards = self.env["customer.scorecard"].sudo().browse(ids.get("customer.scorecard", ()))
        locked = (answers.exists().scorecard_id | cards.exists()).filtered(lambda card: card._is_locked())
        if locked:
            raise UserError(
                self.env._(
                    "%s is approved: the files that show for its points are kept as they are.",
                    locked[0].display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        # The chatter of an approved evaluation goes on; its evidence doesn't.
        files._check_scorecards_open(models=("customer.scorecard.answer",))
        return files

    def write(self, vals):
        guarded = bool(CONTENT_FIELDS & vals.keys())
        if guarded:
            self._check_scorecards_open()
        result = super().write(vals)
        if guarded and {"res_model", "res_id"} & vals.keys():
            self._check_scorecards_open(models=("customer.scorecard.answer",))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_evidence(self):
        self._check_scorecards_open()
