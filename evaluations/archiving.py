"""Instruments that are put away, taken back, or deleted where nobody ever used them."""

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from evaluations import composing, usage
from evaluations.models import Instrument

ARCHIVED, UNARCHIVED = "evaluations.archive", "evaluations.unarchive"


@transaction.atomic
def archive(instrument, by):
    """Puts away this version and the older ones: nobody new is asked with them, what was answered stays. Again it changes nothing."""
    rows = Instrument.objects.select_for_update().filter(key=instrument.key, version__lte=instrument.version, archived_at=None)
    for row in rows:
        row.archived_at = timezone.now()
        row.save(update_fields=["archived_at"])
        log(instance=row, action=ARCHIVED, user=by)


@transaction.atomic
def unarchive(instrument, by):
    """Takes this version back into use; older ones stay put away."""
    row = Instrument.objects.select_for_update().get(pk=instrument.pk)
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        log(instance=row, action=UNARCHIVED, user=by)


@transaction.atomic
def delete(instrument, by):
    """Raises `composing.Refused` where it is or was used."""
    row = Instrument.objects.select_for_update().get(pk=instrument.pk)
    require_unused(row)
    log(instance=row, action="wagtail.delete", user=by, deleted=True)
    row.delete()


def require_unused(instrument):
    if why := usage.why_kept(instrument):
        raise composing.Refused(why)
