"""Draws the pages of one PDF: `python -m sessions.slide_drawing <pdf> <folder> <most pages>`. A process of its own, without Django.

PDFium is native code that reads files from strangers and is not safe in threads: here a crash, a bomb or an endless page ends this
process, and nothing else. Writes `1.webp` … and `pages.json`: `{"pages": [{"width", "height", "text"}]}` in pixels, or `{"error": code}`
with codes password, broken, empty, many, page.
"""

import io
import json
import sys
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

try:
    import resource
except ImportError:  # Windows: then only the parent's clock bounds it
    resource = None

WIDEST, HIGHEST = 1280, 1600  # pixels
MOST_BYTES = 60_000  # of a typical page
QUALITIES = (80, 65, 50, 35)
LONGEST_TEXT = 4000  # characters of a page
MEMORY, SECONDS = 1536 * 2**20, 240
PASSWORD_ERRORS = (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)


class Undrawable(Exception):
    """`args[0]` is the code."""


def main(pdf, folder, most):
    _bound()
    try:
        told = {"pages": draw(pdf, Path(folder), int(most))}
    except Undrawable as error:
        told = {"error": error.args[0]}
    except MemoryError:
        told = {"error": "page"}
    Path(folder, "pages.json").write_text(json.dumps(told))


def _bound():
    """Memory and processor time of this process. What asks for more fails or is killed by the system."""
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def draw(pdf, folder, most):
    """The facts of each page, in order; the pictures are in `folder`. Raises `Undrawable`."""
    document = _opened(pdf)
    if len(document) > most:
        raise Undrawable("many")
    return [_page(document, number, folder) for number in range(1, len(document) + 1)]


def _opened(pdf):
    try:
        return pypdfium2.PdfDocument(Path(pdf))
    except pypdfium2.PdfiumError as error:
        if error.err_code in PASSWORD_ERRORS:
            raise Undrawable("password") from error
        raise Undrawable("empty" if error.err_code == raw.FPDF_ERR_SUCCESS else "broken") from error


def _page(document, number, folder):
    try:
        page = document[number - 1]
        width, height = page.get_size()
        image = page.render(scale=_scale(width, height)).to_pil().convert("RGB")
        text = text_of(page)
        page.close()
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        raise Undrawable("page") from error
    (folder / f"{number}.webp").write_bytes(webp(image))
    return {"width": image.width, "height": image.height, "text": text}


def _scale(width, height):
    """Pixels per point, so that the picture fits whatever size the page says it has. A page 200 inches wide is no larger for it."""
    if not (0 < width < float("inf") and 0 < height < float("inf")):
        raise ValueError("no size")
    return min(WIDEST / width, HIGHEST / height) * 0.9999  # PDFium rounds up


def webp(image):
    """As good as fits into `MOST_BYTES`; a photograph that does not fit gets the lowest quality."""
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def text_of(page):
    """What is written on the page, for those who cannot see it; "" where it is a picture only."""
    words = page.get_textpage().get_text_bounded()[: 2 * LONGEST_TEXT]
    lines = (" ".join("".join(one for one in line if one.isprintable() or one == "\t").split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST_TEXT]


if __name__ == "__main__":
    main(*sys.argv[1:])
