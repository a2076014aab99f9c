"""From the HTML of a report to PDF files, by WeasyPrint. Knows nothing of Odoo's models.

The HTML has the shape that Odoo's reports have: each document is an element of class ``article`` with
``data-oe-model`` and ``data-oe-id``, with an element of class ``header`` before and one of class ``footer`` behind it.
"""

import copy
import hashlib
import logging
import re
from typing import NamedTuple

import lxml.html

# Where a link in a document may send its reader: addresses of the web, of people, and places relative to the server.
_HARMLESS_LINK = re.compile(r"\s*(https?:|mailto:|tel:|[/#?]|[^:]*$)", re.IGNORECASE)
# Elements that load or run something and have no place on paper, whoever wrote them.
_BARRED_TAGS = ("script", "iframe", "base", "object", "embed", "audio", "video", "applet")


class Page(NamedTuple):
    """The sheet of paper; lengths in millimetres. Without margins those of the document's own stylesheets count."""

    width: float
    height: float
    margins: tuple | None = None  # top, right, bottom, left

    def css(self):
        lengths = f"size: {self.width:g}mm {self.height:g}mm;"
        if self.margins:
            lengths += " margin: {:g}mm {:g}mm {:g}mm {:g}mm;".format(*self.margins)
        return f"@page {{ {lengths} }}"


class Unavailable(Exception):
    """WeasyPrint can't be loaded; the text is that of the loader."""


class _LogFilter(logging.Filter):
    """What WeasyPrint finds wrong is in the documents, which users write: no failure of the server."""

    def filter(self, record):
        if record.levelno > logging.INFO:
            record.levelno -= 10
            record.levelname = logging.getLevelName(record.levelno)
        return True


_filter = _LogFilter()


def load():
    """Import WeasyPrint, which loads Pango and its company.

    :return: the module
    :raise Unavailable: where the package or a library of the system is missing
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise Unavailable(str(error)) from error
    logging.getLogger("weasyprint").addFilter(_filter)
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    return weasyprint


def split(html, model):
    """Divide the HTML of a report into documents.

    A running header or footer has to stand before the text whose pages it is on, so both are moved there.

    :param bytes html: a whole HTML document
    :param str model: the model of the records that are printed; None for one document of all of them
    :return: {record id: HTML element}, in the order of the report. Articles of one record, copies for example, make
        one document. What belongs to no record is under the key None
    """
    root = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
    articles = root.xpath(_by_class("article"))
    if not articles:
        return {None: root}
    parent = articles[0].getparent()
    parts = {}
    pending, last = [], None
    for node in list(parent):
        classes = (node.get("class") or "").split() if isinstance(node.tag, str) else []
        if "article" in classes:
            last = int(node.get("data-oe-id") or 0) if model and node.get("data-oe-model") == model else None
            parts.setdefault(last, []).extend([*pending, node])
            pending = []
        elif "footer" in classes and parts:
            part = parts[last]
            part.insert(len(part) - 1, node)
        elif isinstance(node.tag, str):
            pending.append(node)
        parent.remove(node)
    parent.text = None
    # What is left of the tree is the frame of each document.
    documents = {}
    for key, nodes in parts.items():
        for node in nodes:
            node.tail = None
        path = root.getroottree().getpath(parent)
        document = copy.deepcopy(root)
        document.getroottree().xpath(path)[0].extend(nodes)
        documents[key] = document
    return documents


def render(document, fetch, pages, base_url, stylesheets=()):
    """Return one PDF file. Equal input gives equal bytes: no date, no random identifier.

    :param document: HTML element as returned by :func:`split`; changed in place
    :param fetch: callable that gets an absolute URL and returns (bytes, MIME type), or raises ValueError for what the
        document may not have. That leaves a gap in the document, no more
    :param Page pages: the paper
    :param str base_url: what relative links are relative to
    :param stylesheets: CSS texts that come before those of the document itself
    :return: bytes
    :raise Unavailable: see :func:`load`
    """
    weasyprint = load()
    _disarm(document)
    _entitle(document)
    # Last, so that the paper of the report prevails.
    style = lxml.html.Element("style")
    style.text = pages.css()
    document.find("head").append(style)
    html = lxml.html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")

    class Fetcher(weasyprint.URLFetcher):
        """Asks `fetch` alone: neither the network nor the disk."""

        def fetch(self, url, headers=None):
            if url.startswith("data:"):
                return super().fetch(url, headers)
            content, mimetype = fetch(url)
            return weasyprint.urls.URLFetcherResponse(url, content, {"Content-Type": mimetype})

    fetcher = Fetcher(allowed_protocols=["data"], allow_redirects=False)
    identifier = hashlib.sha256("\0".join([*stylesheets, html]).encode()).hexdigest()[:32].encode()
    return weasyprint.HTML(string=html, base_url=base_url, url_fetcher=fetcher).write_pdf(
        stylesheets=[weasyprint.CSS(string=text, base_url=base_url, url_fetcher=fetcher) for text in stylesheets],
        pdf_identifier=identifier,
        presentational_hints=True,
    )


def _disarm(document):
    """Take out what loads or runs something, and links to other places than the web's."""
    for node in document.xpath("//*[" + " or ".join(f"self::{tag}" for tag in _BARRED_TAGS) + "]"):
        node.drop_tree()
    for node in document.iter("*"):
        if node.tag in ("a", "area"):
            for name in ("href", "xlink:href"):
                if not _HARMLESS_LINK.match(node.get(name, "")):
                    del node.attrib[name]
        # A link of this kind would put its target into the file.
        if "attachment" in node.get("rel", "").lower().split():
            del node.attrib["rel"]


def _entitle(document):
    """Call the document what its first heading says, where it has one."""
    headings = document.xpath("//h1")
    title = document.find("head/title")
    if headings and title is not None:
        title.text = " ".join(headings[0].text_content().split()) or title.text


def _by_class(name):
    return f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
