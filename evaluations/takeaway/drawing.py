"""What typst needs of an SVG: a font that it brings, and characters that XML allows."""

import re

FONT = "Libertinus Serif"
FAMILY = re.compile(r'font-family="[^"]*"')
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def drawable(svg):
    return NOT_XML.sub("\ufffd", FAMILY.sub(f'font-family="{FONT}"', svg, count=1))
