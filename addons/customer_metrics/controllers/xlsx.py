from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(content, name):
    """Answer the present request with a workbook, to be saved under a name without ending."""
    return request.make_response(
        content,
        headers=[("Content-Type", XLSX), ("Content-Disposition", content_disposition(f"{name}.xlsx"))],
    )
