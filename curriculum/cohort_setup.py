"""A cohort from its creation to its close: who may run it, how many places, what it follows, when modules open."""

from datetime import UTC

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import outline
from curriculum.enrollment_states import Refused, Role, Status
from curriculum.models import Cohort, Enrollment, EnrollmentChange


def create(cohort, by):
    """Saves a new cohort. Its creator leads it; an operator, who may do all anyway, stays outside."""
    with transaction.atomic():
        cohort.save()
        if not by.is_superuser:
            lead = Enrollment.objects.create(user=by, cohort=cohort, role=Role.LEAD, status=Status.ENROLLED)
            EnrollmentChange.objects.create(enrollment=lead, to_status=Status.ENROLLED, by=by)
    return cohort


def change(cohort, fields):
    """Saves the named fields of an edited cohort. Raises `Refused` if fewer places are left than are taken.

    settings.COHORT_ZONE_FOLLOWERS names by dotted path what else follows another zone: each takes the cohort and the old zone's name.
    """
    with transaction.atomic():
        standing = Cohort.objects.select_for_update().get(pk=cohort.pk)
        taken = standing.enrollments.counted().count()
        if cohort.capacity < taken:
            raise Refused(
                ngettext(
                    "%(taken)s place is taken already. Write at least that number.",
                    "%(taken)s places are taken already. Write at least that number.",
                    taken,
                )
                % {"taken": taken},
                "capacity",
            )
        if "curriculum_key" in fields and standing.curriculum_key != cohort.curriculum_key and _has_begun(standing):
            raise Refused(_("The cohort has begun; its curriculum stays."), "curriculum_key")
        cohort.save(update_fields=fields)
        if standing.time_zone != cohort.time_zone:
            for path in settings.COHORT_ZONE_FOLLOWERS:
                import_string(path)(cohort, standing.time_zone)
    return cohort


def start(cohort):
    """Starts the cohort: from now on it follows the outline as it is today. Raises `Refused` if there is none, or twice."""
    with transaction.atomic():
        standing = Cohort.objects.select_for_update().get(pk=cohort.pk)
        if standing.status != Cohort.Status.PLANNED:
            raise Refused(_("The cohort has started already."))
        if not outline.outline_of(standing).required_keys:
            raise Refused(_("The curriculum has no published required activity yet. Publish it first."))
        if not standing.outline:
            outline.freeze(standing)
        standing.status = Cohort.Status.RUNNING
        standing.save(update_fields=["status"])
    return standing


def adopt(cohort):
    """Takes over what editors have published since the outline was frozen. Raises `Refused` if there is nothing to adopt."""
    with transaction.atomic():
        standing = Cohort.objects.select_for_update().get(pk=cohort.pk)
        if not outline.differs(standing):
            raise Refused(_("The cohort follows the newest version already."))
        outline.adopt(standing)
    return standing


def set_releases(thing, instants):
    """Notes from when each module is open: `{module key: aware datetime or None}`, for a cohort or for one enrolment."""
    kept = {str(key): moment.astimezone(UTC).isoformat() for key, moment in instants.items() if moment}
    with transaction.atomic():
        standing = type(thing).objects.select_for_update().get(pk=thing.pk)
        unknown = {key: value for key, value in standing.releases.items() if key not in set(map(str, instants))}
        standing.releases = {**unknown, **kept}
        standing.save(update_fields=["releases"])
    return standing


def _has_begun(cohort):
    return bool(cohort.outline) or cohort.status != Cohort.Status.PLANNED
