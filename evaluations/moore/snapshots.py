"""Reports as they stood. A page reads the newest snapshot; building anew happens when answers came in, and every night.

Figures move only when what counts has moved, and that moves in steps of MIN_GROUP_SIZE (counted.py): a snapshot's `basis` says what
it stands on. A document that says the same as the newest is not kept again; former ones stay, each with its time.
"""

import datetime

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from curriculum.models import Cohort
from evaluations.models import ReportSnapshot
from evaluations.moore.answer_tables import ALL
from evaluations.moore.report import Report

SECONDS_BETWEEN = 60


def name_of(view):
    """("country", "MX") → "country:MX", ("all", "") → "all": how a snapshot's row names its view."""
    return ":".join(part for part in view if part)


def current(cohort, view=ALL):
    """The newest `ReportSnapshot` of the view, by one query; builds the cohort's where there is none yet.

    A view in which nobody is gives a document in which nothing is known; it is not kept.
    """
    newest = ReportSnapshot.objects.filter(cohort=cohort, view=name_of(view)).first()
    if newest is not None:
        return newest
    report = Report(cohort)
    return _keep(report).get(view) or _row(report, view)


def refresh(cohort):
    """Gathers once, writes the document of every view and keeps those that say something new: `{view: ReportSnapshot}`."""
    return _keep(Report(cohort))


def _keep(report):
    made = {view: _row(report, view) for view in report.views()}
    with transaction.atomic():
        Cohort.objects.select_for_update(of=("self",)).get(pk=report.cohort.pk)  # two at once would keep the same twice
        newest = _newest(report.cohort)
        new = {view: row for view, row in made.items() if _says_more(row, newest.get(row.view))}
        for row in new.values():
            row.save(force_insert=True)
    return {view: row if view in new else newest[row.view] for view, row in made.items()}


def refresh_soon(cohort_id):
    """Has the worker refresh the cohort's report after this transaction, at most once a minute: what a submit calls.

    The work waits until the minute is over, so that it takes in all that was sent meanwhile.
    """
    transaction.on_commit(lambda: _ask_the_worker(cohort_id), robust=True)


def _ask_the_worker(cohort_id):
    if not cache.add(f"moore.refresh.{cohort_id}", True, SECONDS_BETWEEN):
        return
    backend = refresh_cohort.get_backend()
    if backend.supports_defer:
        later = timezone.now() + datetime.timedelta(seconds=SECONDS_BETWEEN)
        refresh_cohort.using(run_after=later).enqueue(cohort_id)
    else:
        refresh_cohort.enqueue(cohort_id)


@task()
def refresh_cohort(cohort_id):
    """What the worker does for `refresh_soon`."""
    cohort = Cohort.objects.filter(pk=cohort_id).first()
    if cohort is not None:
        refresh(cohort)


def _row(report, view):
    return ReportSnapshot(
        cohort=report.cohort, view=name_of(view), made_at=report.now, basis=report.basis, document=report.document(view)
    )


def _newest(cohort):
    """`{name of the view: newest snapshot}`."""
    rows = ReportSnapshot.objects.filter(cohort=cohort).order_by("view", "-made_at", "-pk")
    newest = {}
    for pk, view in rows.values_list("pk", "view"):
        newest.setdefault(view, pk)
    return {row.view: row for row in ReportSnapshot.objects.filter(pk__in=newest.values())}


def _says_more(row, standing):
    if standing is None or row.basis != standing.basis:
        return True
    return _without_time(row.document) != _without_time(standing.document)


def _without_time(document):
    return {name: part for name, part in document.items() if name != "made_at"}
