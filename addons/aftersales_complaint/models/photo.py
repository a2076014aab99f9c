"""What a customer may send: photos, and by mail PDF. Plain bytes, no records."""

import io
import re

from PIL import Image, UnidentifiedImageError

MAX_PHOTOS = 5
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
PDF = ("application/pdf", "pdf")
FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png")}


def kind(content, documents=False):
    """Return (MIME type, ending) of a photo by its content, whatever its name says.

    :param documents: whether PDF is welcome, too
    :raise ValueError: for what is no picture, too large in bytes or in pixels
    """
    if not content or len(content) > MAX_BYTES:
        raise ValueError("size")
    if documents and content.startswith(b"%PDF-"):
        return PDF
    try:
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError("size")
            found = picture.format
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("type") from error
    return FORMATS[found]


def name(given, ending):
    """Return a harmless file name: the letters, digits, spaces, dots and dashes of the name given, with the ending."""
    stem = re.split(r"[\\/]", given or "")[-1].rpartition(".")[0] or (given or "")
    stem = re.sub(r"[^\w .-]", "_", stem).strip(" .")[:60]
    return f"{stem or 'photo'}.{ending}"
