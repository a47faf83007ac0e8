"""The worker's part of a file that somebody asked for: it is made, and its maker is told."""

import datetime
import logging
import secrets

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from curriculum import roles
from evaluations.models import ExportJob
from evaluations.takeaway import files
from evaluations.takeaway.sheets import Names
from notifications import outbox

logger = logging.getLogger(__name__)
KEPT = datetime.timedelta(days=7)
Status = ExportJob.Status


def run(pk):
    """Makes the file of a job that waits, and tells its maker. What fails leaves a reference, here and in the log."""
    job = ExportJob.objects.select_related("by", "cohort").filter(pk=pk, status=Status.WAITING).first()
    if job is None:
        return
    try:
        file = _file_of(job)
    except Exception as error:
        reference = secrets.token_hex(4).upper()
        logger.exception("Export %s failed (reference %s)", job.pk, reference)
        settle(job, status=Status.FAILED, error=type(error).__name__, reference=reference)
    else:
        settle(job, status=Status.READY, file=file.content, filename=file.name, reference="", error="")


def _file_of(job):
    """Rights are asked again: hours may lie between the request and the worker."""
    reason = job.options.get("reason", "")
    if not ExportJob.objects.accessible_to(job.by).filter(pk=job.pk).exists() or (reason and not roles.leads(job.by, job.cohort)):
        raise PermissionDenied
    names = Names(job.by.get_full_name(), reason) if reason else None
    return files.make(job.cohort, job.format, job.options["language"], names)


@transaction.atomic
def settle(job, **facts):
    """Of two workers with the same job one has the last word; the other one's work is dropped."""
    now = timezone.now()
    if ExportJob.objects.filter(pk=job.pk, status=Status.WAITING).update(ready_at=now, **facts):
        tell(job, facts["status"] == Status.READY, now)


def tell(job, ready, now):
    language = job.options.get("language")
    with translation.override(language):
        path = reverse("evaluations:export", args=[job.cohort_id])
        context = {
            "ready": ready, "format": str(files.BY_CODE[job.format].label), "cohort": job.cohort.name,
            "url": f"{settings.SITE_BASE_URL}{path}#files", "until_on": (now + KEPT).date().isoformat(),
        }  # fmt: skip
    outbox.enqueue("export_ready", job.by, f"export:{job.pk}:{now.isoformat()}", context, language=language)
