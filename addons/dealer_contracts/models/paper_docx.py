"""The contract as a Word file, for negotiation. Made from the same data as the PDF; knows nothing of Odoo."""

import io
from datetime import datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from .paper_words import WORDS

PARTY_ROWS = (
    "name",
    "address",
    "contact",
    "phone",
    "legal_representative",
    "signatory",
    "bank_name",
    "bank_account",
    "tax_number",
    "licences",
)


def document(paper, mark):
    """Return the bytes of a .docx file.

    :param dict paper: as made by ``dealer.contract._paper``
    :param str mark: the state, written into the header
    """
    words = WORDS[paper["lang"]]
    file = Document()
    # Equal contracts give equal files.
    file.core_properties.created = file.core_properties.modified = datetime(2000, 1, 1)
    file.core_properties.author = paper["company"]
    file.core_properties.title = paper["title"]
    font = file.styles["Normal"].font
    font.name, font.size = "Noto Sans CJK SC", Pt(10.5)
    file.styles["Normal"].element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    header = file.sections[0].header.paragraphs[0]
    header.text = "  ".join(filter(None, (paper["number"], paper["company"], mark)))

    title = file.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(" ".join(filter(None, (paper["title"], paper["relation"]))))
    run.bold, run.font.size = True, Pt(18)
    for name in ("number", "origin"):
        if paper[name]:
            label = words["number"] if name == "number" else words["of_contract"]
            file.add_paragraph(f"{label}{words['colon']}{paper[name]}").alignment = WD_ALIGN_PARAGRAPH.CENTER
    for party in paper["parties"]:
        file.add_paragraph(f"{words['party_' + party['role']]}{words['colon']}{party['name']}")
    for article in paper["articles"]:
        heading = file.add_paragraph()
        heading.add_run(f"{article['number']}  {article['title']}").bold = True
        for place, paragraph in enumerate(article["paragraphs"]):
            file.add_paragraph(f"{paragraph['number']}  {paragraph['text']}")
            if article["part"] == "subject" and not place and paper["lines"]:
                _lines(file, paper, words)
    _parties(file, paper, words)
    output = io.BytesIO()
    file.save(output)
    return output.getvalue()


def _lines(file, paper, words):
    columns = ("product", "brand", "specification", "uom", "quantity", "price", "subtotal")
    if not any(line["quantity"] for line in paper["lines"]):
        # A framework says prices; quantities come with the orders.
        columns = tuple(name for name in columns if name not in ("quantity", "subtotal"))
    table = file.add_table(rows=1, cols=len(columns) + 1, style="Table Grid")
    for cell, label in zip(table.rows[0].cells, ("row", *columns), strict=True):
        cell.text = words[label]
    for place, line in enumerate(paper["lines"], 1):
        for cell, text in zip(table.add_row().cells, (str(place), *(line[name] for name in columns)), strict=True):
            cell.text = text
    if paper["total"]:
        file.add_paragraph(
            f"{words['total']}{words['colon']}{paper['currency']} {paper['total']}"
            f"{words['bracket'].format(text=words['in_words'] + words['colon'] + paper['total_words'])}"
        )


def _parties(file, paper, words):
    table = file.add_table(rows=1, cols=2, style="Table Grid")
    for cell, party in zip(table.rows[0].cells, paper["parties"], strict=False):
        cell.text = words["party_" + party["role"]]
    for name in PARTY_ROWS:
        if any(party[name] for party in paper["parties"]):
            for cell, party in zip(table.add_row().cells, paper["parties"], strict=False):
                cell.text = f"{words[name]}{words['colon']}{party[name]}"
    for label in ("signature", "date"):
        for cell in table.add_row().cells:
            cell.text = f"{words[label]}{words['colon']}\n\n"
