"""Asking for a file: who may have what, at once or from the worker, and what is left of it after a week."""

import datetime
import secrets

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext, roles
from curriculum.enrollment_states import Refused
from evaluations.models import ExportJob, Reading
from evaluations.takeaway import files, tasks
from evaluations.takeaway.making import KEPT
from evaluations.takeaway.sheets import Names
from evaluations.takeaway.source import require_data, shown

SHORTEST_REASON, LONGEST_REASON = 10, 500
GIVEN_UP_AFTER = datetime.timedelta(hours=1)
WAITING_AT_MOST = 5
Status = ExportJob.Status


# --- asking ----------------------------------------------------------------------------------------------------------


def export_now(cohort, by, code, language, *, names=False, reason=""):
    """The `File` itself. Raises `Refused`, `NoData` or `PermissionDenied`; with names the reading is logged with it or not at all."""
    reason = allowed_reason(cohort, by, code, names, reason)
    with transaction.atomic():
        log_names(cohort, by, reason)
        return files.make(cohort, code, language, Names(by.get_full_name(), reason) if reason else None)


def export_later(cohort, by, code, language, *, names=False, reason=""):
    """An `ExportJob` for the worker; the same request that still waits is given again. Raises as `export_now`."""
    reason = allowed_reason(cohort, by, code, names, reason)
    require_data(shown(cohort))
    options = {"language": language, **({"reason": reason} if reason else {})}
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=by.pk)  # two clicks make one job
        waiting = ExportJob.objects.filter(by=by, status=Status.WAITING)
        same = waiting.filter(cohort=cohort, format=code, options=options).first()
        if same:
            return same
        if waiting.count() >= WAITING_AT_MOST:
            raise Refused(_("Some files are still being prepared. Wait until they are ready."))
        log_names(cohort, by, reason)
        job = ExportJob.objects.create(by=by, cohort=cohort, format=code, options=options)
        ask_worker(job)
    return job


def allowed_reason(cohort, by, code, names, reason):
    """The reason for names as it is stored, "" without names."""
    if not names:
        return ""
    if not roles.leads(by, cohort):
        raise PermissionDenied
    if not files.BY_CODE[code].people:
        raise Refused(_("This format has no lines about people. Choose the spreadsheet or the tables."), "names")
    try:
        reason = plaintext.clean(reason, LONGEST_REASON)
    except ValidationError as error:
        raise Refused(error.messages[0], "reason") from error
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("Say why you need the names, in at least %(count)s characters.") % {"count": SHORTEST_REASON}, "reason")
    return reason


def log_names(cohort, by, reason):
    if reason:
        Reading.objects.create(what=Reading.What.NAMES, reader=by, cohort=cohort, reason=reason)


def ask_worker(job):
    # A queue that cannot be reached must not undo the request: tidy() says so after an hour, and offers to try again.
    transaction.on_commit(lambda: tasks.make_export.enqueue(job.pk), robust=True)


# --- afterwards ---------------------------------------------------------------------------------------------------


def retry(job):
    """A failed job waits again. Says whether it was failed."""
    with transaction.atomic():
        again = ExportJob.objects.filter(pk=job.pk, status=Status.FAILED).update(
            status=Status.WAITING, error="", reference="", created_at=timezone.now(), ready_at=None
        )
        if again:
            ask_worker(job)
    return bool(again)


def may_take(job, user):
    """A file with names stays with leads, also when the role ended after it was made."""
    return job.status == Status.READY and (not job.options.get("reason") or roles.leads(user, job.cohort))


def tidy(now=None):
    """Deletes files after a week, and gives up jobs that no worker took. Returns how many of each."""
    now = now or timezone.now()
    gone = ExportJob.objects.filter(created_at__lt=now - KEPT).delete()[0]
    stuck = ExportJob.objects.filter(status=Status.WAITING, created_at__lt=now - GIVEN_UP_AFTER)
    given_up = stuck.update(status=Status.FAILED, error="NotTaken", reference=secrets.token_hex(4).upper(), ready_at=now)
    return gone, given_up
