from odoo import api, models
from odoo.exceptions import UserError


class ScorecardTree(models.AbstractModel):
    """What belongs to a version: it changes with the draft, and never once the version is frozen (E7).

    That holds for the super-user too: evaluations are judged by what the version said when they were made. Addons put
    their data in while the registry is being loaded, and take it out again when they are uninstalled.
    """

    _name = "customer.scorecard.tree"
    _description = "Part of a Scorecard Version"

    def _tree_version(self):
        """Return the versions that the records belong to."""
        return self.version_id

    def _check_not_frozen(self):
        frozen = self.sudo()._tree_version().filtered(lambda version: version.state == "frozen")
        if frozen and self.env.registry.ready:
            raise UserError(
                self.env._(
                    "%(version)s is frozen: evaluations were made with it. Make a new version and change that.",
                    version=frozen[0].display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_not_frozen()
        return records

    def write(self, vals):
        self._check_not_frozen()
        result = super().write(vals)
        self._check_not_frozen()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_not_frozen()
