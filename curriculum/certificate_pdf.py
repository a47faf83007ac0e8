"""Draws a certificate: a tagged PDF (PDF/UA-1) with its fonts inside, in the language it was issued in.

The layout is curriculum/typst/certificate.typ. Data reaches it as JSON only, so no name can become markup.
"""

import functools
import io
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from notifications.readers import written_date

LAYOUT = Path(__file__).parent / "typst" / "certificate.typ"
INK = "#15212A"
LONGEST_WORD = 24


class Unprintable(Exception):
    """The certificate's font has no sign for something in its words. Carries the sign as `text`."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


def draw(certificate):
    """The PDF as bytes; equal certificates give equal files. Raises `Unprintable`."""
    with translation.override(certificate.language):
        data = words_of(certificate)
    try:
        return typst.compile(
            LAYOUT.read_bytes(),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards="ua-1",
            timestamp=int(certificate.issued_at.timestamp()),
        )
    except typst.TypstError as error:
        missing = re.search(r'the text `"(.+?)"` could not be displayed', error.message)
        if missing:
            raise Unprintable(missing[1]) from error
        raise


def words_of(certificate):
    """Everything the layout prints, in the active language."""
    demo = certificate.enrollment.user.is_demo
    language, __, region = certificate.language.partition("-")
    return {
        "lang": language,
        "region": region.upper() or None,
        "issued": _parts(certificate.issued_on),
        "document_title": _("Certificate of %(name)s") % {"name": certificate.name},
        "issuer": settings.SITE_NAME,
        "heading": _("Certificate"),
        "certifies": _("This certifies that"),
        "name": _breakable(certificate.name),
        "completed": _("has met all requirements of"),
        "achievement": _breakable(certificate.curriculum_title),
        "facts": _facts(certificate),
        "demo": {"mark": _("Demonstration"), "words": _("Demonstration: not a real certificate")} if demo else None,
        "verify": _verification(certificate),
    }


def qr_address(certificate):
    """The address in the QR code, in capitals: the code's alphanumeric mode packs those into a smaller square.

    Scheme and host know no case, and the verification path accepts capitals (lms/urls.py).
    """
    address = public_address(certificate)
    return address.upper() if not urlsplit(settings.SITE_BASE_URL).path else address


def public_address(certificate):
    return settings.SITE_BASE_URL + reverse("verification:verify", args=[certificate.code])


def _facts(certificate):
    hours = ngettext("%(count)s hour", "%(count)s hours", certificate.hours) % {"count": certificate.hours}
    until = written_date(certificate.expires_on) if certificate.expires_on else _("Without end")
    language = translation.gettext(dict(settings.LANGUAGES).get(certificate.language, certificate.language))
    return [
        [pgettext("certificate", "Duration"), hours],
        [pgettext("certificate", "Issued on"), written_date(certificate.issued_on)],
        [pgettext("certificate", "Valid until"), until],
        [pgettext("certificate", "Version"), certificate.curriculum_version],
        [pgettext("certificate", "Language"), language[:1].upper() + language[1:]],
    ]


def _verification(certificate):
    address = public_address(certificate)
    shown = address.split("://", 1)[-1].removesuffix(certificate.code) + certificate.grouped_code
    return {
        "words": _("Check this certificate at"),
        "url": address,
        "address": shown,
        "code_label": pgettext("certificate", "Code"),
        "code": certificate.grouped_code,
        "qr": _qr_svg(qr_address(certificate)),
        "qr_alt": _("QR code that opens %(address)s") % {"address": shown},
    }


def _qr_svg(address):
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, dark=INK, xmldecl=False)
    return out.getvalue().decode()


def _breakable(words):
    """Only what no line could hold gets places to break; names of people pass untouched."""
    pieces = [re.findall(f".{{1,{LONGEST_WORD}}}", word) if len(word) > LONGEST_WORD + 6 else [word] for word in words.split()]
    return " ".join("\u200b".join(piece) for piece in pieces)


def _parts(day):
    return {"year": day.year, "month": day.month, "day": day.day}


@functools.cache
def _fonts():
    return typst.Fonts(include_system_fonts=False)
