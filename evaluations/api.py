"""The read-only API for R, Stata, Power BI and scripts: the report's own documents, with the protection they have. docs/api.md.

`Authorization: Bearer <token>`, a token of evaluations/takeaway/tokens.py. Every refusal is JSON: {"detail": words}.
"""

import ipaddress
import logging
import re
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field

from curriculum import roles
from curriculum.models import Cohort
from evaluations.moore import standing
from evaluations.takeaway import tokens
from evaluations.takeaway.observations import observations
from evaluations.takeaway.source import shown

logger = logging.getLogger(__name__)

PER_MINUTE, WRONG_PER_MINUTE = 60, 30
PER_PAGE, MOST_PER_PAGE = 500, 2000
VIEW = re.compile(r"all|country:[A-Z]{2}|profession:[a-z_]{1,30}")


class Limited(HttpError):
    def __init__(self):
        super().__init__(429, _("Too many requests. Wait a minute and try again."))


class Token(HttpBearer):
    """A standing token; `request.auth` is its person. Wrong ones are counted by address, right ones by themselves."""

    def authenticate(self, request, token):
        wrong = f"api:wrong:{network(get_adapter(request).get_client_ip(request))}"
        if counted(wrong, 0) >= WRONG_PER_MINUTE:
            raise Limited
        found = tokens.holder_of(token)
        if found is None:
            counted(wrong, 1)
            return None
        if counted(f"api:{found.pk}", 1) > PER_MINUTE:
            raise Limited
        return found.user


def counted(key, more):
    """How often within the minute, this time (`more`) included."""
    cache.add(key, 0, 60)
    try:
        return cache.incr(key, more)
    except ValueError:  # the minute ended in between
        return more


def network(address):
    parsed = ipaddress.ip_address(address)
    return ipaddress.ip_network((parsed, 64), strict=False).network_address if parsed.version == 6 else parsed


api = NinjaAPI(
    title="Puente evaluation API", version="1", description="Results of cohorts at Moore's outcome levels. Read-only.",
    docs_url=None, openapi_url="openapi.json", urls_namespace="api", auth=Token(),
)  # fmt: skip


# --- shapes ----------------------------------------------------------------------------------------------------------


class View(Schema):
    view: str
    name: str


class CohortOut(Schema):
    id: int
    name: str
    countries: list[str]
    starts_on: str
    ends_on: str
    status: str
    views: list[View]


class Report(Schema):
    """The report document; ARCHITECTURE.md gives the shapes of rows by design."""

    schema_: int = Field(alias="schema")
    cohort: dict[str, Any]
    view: dict[str, str]
    made_at: str
    minimum: int
    levels: list[dict[str, Any]]


class Observation(Schema):
    view: str
    level: str
    indicator: str
    indicator_name: str | None
    evidence: str | None
    source: str | None
    unit: str | None
    design: str | None
    promise: str | None
    waves: str | None
    as_of: str | None
    asked: int | None
    answered: int | None
    response_rate: float | None
    row: str | None
    construct_: str | None = Field(alias="construct")
    row_label: str | None
    statistic: str | None
    category: str | None
    value: float | None
    text: str | None
    n: int | None
    hidden: str | None


class Observations(Schema):
    count: int
    page: int
    pages: int
    made_at: str
    results: list[Observation]


class Refusal(Schema):
    detail: str


class Wanted(Schema):
    view: str = Field("all", max_length=60, description="all, country:MX or profession:nursing; one at a time")


class Paged(Wanted):
    language: str = Field("en", pattern="^(es|pt-br|en)$", description="language of names and labels")
    page: int = Field(1, ge=1, le=100_000)
    per_page: int = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)


REFUSALS = dict.fromkeys((401, 404, 422, 429), Refusal)


# --- addresses -------------------------------------------------------------------------------------------------------


@api.get("/cohorts", response={200: list[CohortOut], **REFUSALS}, summary="Cohorts whose results you may read")
def cohorts(request):
    return [_cohort(cohort) for cohort in Cohort.objects.run_by(request.auth, roles.REPORTING)]


@api.get("/cohorts/{int:pk}/report", response={200: Report, **REFUSALS}, summary="The report of one view", by_alias=True)
def report(request, pk: int, wanted: Query[Wanted]):
    return JsonResponse(document_of(request, pk, wanted.view), json_dumps_params={"ensure_ascii": False})


@api.get(
    "/cohorts/{int:pk}/observations",
    response={200: Observations, **REFUSALS},
    summary="The same, one line per figure",
    by_alias=True,
)
def figures(request, pk: int, wanted: Query[Paged]):
    document = document_of(request, pk, wanted.view)
    lines = observations(document, wanted.language)
    first = (wanted.page - 1) * wanted.per_page
    pages = max(1, -(-len(lines) // wanted.per_page))
    results = lines[first : first + wanted.per_page]
    return {"count": len(lines), "page": wanted.page, "pages": pages, "made_at": document["made_at"], "results": results}


def _cohort(cohort):
    return {
        "id": cohort.pk, "name": cohort.name, "countries": [country.code for country in cohort.countries],
        "starts_on": cohort.starts_on.isoformat(), "ends_on": cohort.ends_on.isoformat(), "status": cohort.status,
        "views": [{"view": view, "name": name} for view, name in _views(cohort)],
    }  # fmt: skip


def _views(cohort):
    return [("all", _("All people")), *(pair for group in standing.views_of(cohort).values() for pair in group)]


def document_of(request, pk, view):
    cohort = Cohort.objects.run_by(request.auth, roles.REPORTING).filter(pk=pk).first()
    if cohort is None:
        raise HttpError(404, _("There is no such cohort, or you may not read its results."))
    if not VIEW.fullmatch(view):
        raise HttpError(422, _("A view is all, country:MX or profession:nursing; one at a time."))
    kind, __, value = view.partition(":")
    return shown(cohort, (kind, value))


# --- refusals --------------------------------------------------------------------------------------------------------


def refuse(request, status, detail, **headers):
    # Django's LocaleMiddleware turns a 404 outside the language prefixes into a redirect inside them; with these addresses alone in
    # view it lets the answer pass.
    request.urlconf = "evaluations.urls_api"
    return JsonResponse({"detail": detail}, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})


@api.exception_handler(AuthenticationError)
def not_signed_in(request, error):
    words = _("Send a valid token: Authorization: Bearer pte_… It may have ended.")
    return refuse(request, 401, words, **{"WWW-Authenticate": "Bearer"})


@api.exception_handler(HttpError)
def refused(request, error):
    return refuse(request, error.status_code, str(error), **({"Retry-After": "60"} if error.status_code == 429 else {}))


@api.exception_handler(ValidationError)
def not_understood(request, error):
    told = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors)
    return refuse(request, 422, _("Not understood: %(errors)s") % {"errors": told})


@api.exception_handler(Http404)
def not_found(request, error):
    return refuse(request, 404, _("There is nothing at this address."))


@api.exception_handler(Exception)
def failed(request, error):
    logger.exception("API request failed")
    words = _("Something failed on our side. Reference %(reference)s") % {"reference": getattr(request, "reference", "-")}
    return refuse(request, 500, words)


def unknown(request, *args, **kwargs):
    """Every other address below /api/."""
    return refuse(request, 404, _("There is nothing at this address."))
