"""The report as it stands, for a page: a computation that fails or runs never blanks it, the last snapshot goes on standing."""

import logging
import re

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django_countries import countries

from curriculum.models import Enrollment
from evaluations.models import ReportSnapshot
from evaluations.moore import snapshots
from evaluations.words import in_language

logger = logging.getLogger(__name__)
ALL = "all"
OF_A_WAVE = re.compile(r"-w\d+$")


def report_of(cohort, view=ALL):
    """The `ReportSnapshot` of a view ("all", "country:MX", "profession:nursing"), or `None` where none was ever made."""
    try:
        return snapshots.current(cohort, pair_of(view))
    except Exception:
        logger.exception("report of cohort %s, view %s, could not be made", cohort.pk, view)
        return last_reports([cohort], [view]).get((cohort.pk, view))


def pair_of(view):
    """ "country:MX" → ("country", "MX"), as suppression names a view."""
    kind, _colon, value = view.partition(":")
    return kind, value


def last_reports(cohorts, views):
    """`{(cohort id, view): ReportSnapshot}` as last stored. One query."""
    newest = ReportSnapshot.objects.filter(cohort=OuterRef("cohort"), view=OuterRef("view")).order_by("-made_at", "-pk")
    rows = ReportSnapshot.objects.filter(cohort__in=[cohort.pk for cohort in cohorts], view__in=views)
    rows = rows.filter(pk=Subquery(newest.values("pk")[:1]))
    return {(row.cohort_id, row.view): row for row in rows}


def reports_of(cohorts, views):
    """The same for all of them; what was never stored is made now."""
    found = last_reports(cohorts, views)
    for cohort in cohorts:
        for view in views:
            if (cohort.pk, view) not in found:
                made = report_of(cohort, view)
                if made is not None:
                    found[cohort.pk, view] = made
    return found


def views_of(cohort):
    """What a reader may filter by, one at a time: `{"country": [(view, name)], "profession": [(view, name)]}`. One query."""
    atoms = list(
        Enrollment.objects.members().filter(cohort=cohort).order_by().values_list("user__country", "user__profession").distinct()
    )
    found = {"country": sorted({country for country, _p in atoms if country}), "profession": sorted({p for _c, p in atoms if p})}
    return {
        kind: sorted(((f"{kind}:{value}", group_name(kind, value)) for value in values), key=lambda pair: pair[1])
        for kind, values in found.items()
    }


def group_name(kind, value):
    if kind == "country":
        return str(countries.name(value) or value)
    return str(dict(get_user_model()._meta.get_field("profession").flatchoices).get(value, value))


def kin(indicator):
    """What makes an indicator the same line in another cohort: its key without the wave, and its name."""
    return OF_A_WAVE.sub("", indicator["key"]), in_language(indicator.get("name"), "en")
