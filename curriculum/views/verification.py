"""Anybody checks a code: one page, one JSON answer with the same facts, no list, no cache, thirty a minute."""

import functools
import ipaddress
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curriculum.verification import clean_code
from curriculum.verification import verify as look_up
from notifications.readers import written_date

PER_MINUTE = 30
STATUSES = {"not_found": 404}


def public(view):
    """In the reader's language without a prefix in the address, never stored, never indexed."""

    @never_cache
    @require_safe
    @functools.wraps(view)
    def inner(request, *args, **kwargs):
        language = _language(request)
        request.page_translations = {code: f"{request.path}?lang={code}" for code, __ in settings.LANGUAGES}
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = view(request, *args, **kwargs)
        response["Content-Language"] = language
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        # LocaleMiddleware turns a 404 outside the language prefixes into a redirect inside them, where any address
        # leads to the pages' own 404. With the urls of verification alone in view it lets the answer pass.
        request.urlconf = "curriculum.urls_verify"
        return response

    return inner


@public
def form(request):
    """The form; a typed code leads to its own address, what cannot be a code is not found."""
    typed = request.GET.get("code")
    if typed is None:
        return render(request, "curriculum/verification/form.html", {"language": request.LANGUAGE_CODE})
    if not typed.strip():
        context = {"language": request.LANGUAGE_CODE, "errors": [{"anchor": "id_code", "text": _("Write the code.")}]}
        return render(request, "curriculum/verification/form.html", {**context, "page_has_errors": True}, status=400)
    code = clean_code(typed)
    if not code:
        return verify(request, typed)
    address = reverse("verification:verify", args=[code])
    return redirect(f"{address}?lang={request.LANGUAGE_CODE}" if "lang" in request.GET else address)


@public
def verify(request, code):
    """What the register says about `code`, in words."""
    if _too_many(request):
        response = render(request, "curriculum/verification/limited.html", {"per_minute": PER_MINUTE}, status=429)
        response["Retry-After"] = "60"
        return response
    verification = look_up(code)
    context = {
        "outcome": verification.outcome,
        "certificate": verification.certificate,
        "name": shown_name(verification.certificate),
        "rows": _rows(verification),
        "newer": verification.newer,
        "checked": _moment(verification.checked_at),
        "typed": code[:64] if verification.certificate is None else "",
        "language": request.LANGUAGE_CODE,
    }
    return render(request, "curriculum/verification/result.html", context, status=STATUSES.get(verification.outcome, 200))


@public
def as_json(request, code):
    """The same facts for machines."""
    if _too_many(request):
        answer = {"outcome": "too_many_requests", "detail": _("Too many checks. Wait a minute and try again.")}
        return JsonResponse(answer, status=429, headers={"Retry-After": "60"})
    verification = look_up(code)
    facts = facts_of(verification)
    return JsonResponse(facts, status=STATUSES.get(verification.outcome, 200), json_dumps_params={"ensure_ascii": False})


def facts_of(verification):
    """Everything a stranger may know, and nothing else."""
    facts = {"outcome": verification.outcome, "checked_at": verification.checked_at.isoformat(timespec="seconds")}
    certificate = verification.certificate
    if certificate is None:
        return facts
    facts |= {
        "code": certificate.grouped_code,
        "name": shown_name(certificate),
        "achievement": certificate.curriculum_title,
        "issuer": settings.SITE_NAME,
        "issued_on": certificate.issued_on.isoformat(),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else None,
        "hours": certificate.hours,
        "version": certificate.curriculum_version,
        "demonstration": certificate.enrollment.user.is_demo,
    }
    if certificate.revoked_at:
        facts |= {"revoked_on": certificate.revoked_on.isoformat(), "revoked_for": certificate.revoke_class}
    if verification.newer:
        facts["renewed_by"] = verification.newer.grouped_code
    return facts


def shown_name(certificate):
    """The name as certified, or its initials where the holder keeps the name to themselves: "A. P. G."."""
    if certificate is None or certificate.name_public:
        return certificate.name if certificate else ""
    words = [word for word in certificate.name.split() if not (word.endswith(".") and len(word) > 2)]  # "Dra." is no name
    capitals = [word for word in words if word[0].isupper()] or words
    return " ".join(f"{word[0].upper()}." for word in capitals)


def _rows(verification):
    certificate = verification.certificate
    if certificate is None:
        return []
    facts = facts_of(verification)
    until = written_date(certificate.expires_on) if certificate.expires_on else _("Without end")
    rows = [
        (pgettext("certificate", "Issued on"), written_date(certificate.issued_on)),
        (pgettext("certificate", "Valid until"), until),
        (
            pgettext("certificate", "Duration"),
            ngettext("%(count)s hour", "%(count)s hours", facts["hours"]) % {"count": facts["hours"]},
        ),
        (pgettext("certificate", "Version"), facts["version"]),
        (pgettext("certificate", "Issued by"), facts["issuer"]),
    ]
    if certificate.revoked_at:
        rows.insert(0, (pgettext("certificate", "Revoked on"), written_date(certificate.revoked_on)))
        rows.insert(1, (pgettext("certificate", "Reason"), certificate.get_revoke_class_display()))
    return rows


def _language(request):
    try:
        return translation.get_supported_language_variant(request.GET.get("lang", ""))
    except LookupError:
        return request.LANGUAGE_CODE


def _too_many(request):
    """Counts this check; True from the thirty-first within a minute from one address (one /64 network in IPv6)."""
    key = f"verify:{_network(get_adapter(request).get_client_ip(request))}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) > PER_MINUTE
    except ValueError:  # the minute ended in between
        return False


def _network(address):
    parsed = ipaddress.ip_address(address)
    return ipaddress.ip_network((parsed, 64), strict=False).network_address if parsed.version == 6 else parsed


def _moment(moment):
    """ "26 de enero de 2027, 14:02 (Ciudad de México)": the reader is a stranger, so the zone is in words."""
    local = moment.astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE))
    city = _(settings.PROGRAMME_TIME_ZONE.rpartition("/")[2].replace("_", " "))  # the names that profiles offer
    return f"{written_date(local.date())}, {local:%H:%M} ({city})"
