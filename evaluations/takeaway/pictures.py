"""Charts as files: SVG as the report draws it, PNG of the same at twice the size, one by one or all in a ZIP."""

import functools
import io
import re
import zipfile

import typst

from evaluations.moore.charts import svg_of
from evaluations.takeaway.drawing import drawable

# The page is as large as the drawing: one pixel of it is 0.75 pt.
PAGE = b'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image(bytes(sys.inputs.svg), format: "svg", alt: "-")'
DOTS_PER_INCH = 192


def keys_of(document):
    """The indicators that have a chart to take away, in the order of the page."""
    return [
        indicator["key"]
        for level in document["levels"]
        for indicator in level["indicators"]
        if not indicator.get("hidden") and any(not row.get("hidden") for row in indicator.get("rows") or [])
    ]


def svg(document, indicator, language):
    """The drawing as bytes. Raises `KeyError` for an indicator that the document does not have."""
    return svg_of(document, indicator, language).encode("utf-8")


def png(document, indicator, language):
    return png_of(svg_of(document, indicator, language))


def png_of(drawing):
    return typst.compile(
        PAGE, sys_inputs={"svg": drawable(drawing)}, format="png", ppi=DOTS_PER_INCH, font_paths=fonts(), ignore_system_fonts=True
    )


def zipped(document, language, draw, ending):
    """Every chart of the report in one ZIP; `draw` is `svg` or `png`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in keys_of(document):
            archive.writestr(f"{level_code(document, key)}-{key}.{ending}", draw(document, key, language))
    return out.getvalue()


def level_code(document, key):
    return next(level["code"] for level in document["levels"] if any(one["key"] == key for one in level["indicators"]))


@functools.cache
def fonts():
    return typst.Fonts(include_system_fonts=False)


def size_of(drawing):
    """Width and height of an SVG in its own pixels."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing)
    return float(found[1]), float(found[2])
