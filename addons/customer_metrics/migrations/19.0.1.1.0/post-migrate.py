def migrate(cr, version):
    """The rhythm of the customers is counted in working days from now on: let it be measured anew at once."""
    if not version:
        return
    cr.execute("UPDATE res_company SET customer_rhythm_date = NULL")
    cr.execute(
        """
        UPDATE ir_cron
           SET nextcall = NOW() AT TIME ZONE 'UTC'
          FROM ir_model_data data
         WHERE data.module = 'customer_metrics' AND data.name = 'ir_cron_measure_rhythm' AND data.res_id = ir_cron.id
        """
    )
