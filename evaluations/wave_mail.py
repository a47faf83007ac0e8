"""Mail about waves: once when it opens for a person, once three days before it closes, and when a trainer sends a reminder.

The keys of the outbox say who was told already, so a worker that was away catches up from what stands in the rows, and ten workers
at once tell everybody once.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from curriculum import attention, progress
from curriculum.enrollment_states import Refused
from evaluations import respondents, wave_hours, wave_people, waves
from evaluations.models import Question, Wave
from evaluations.wave_opening import minutes_for
from evaluations.words import in_language
from notifications import outbox, readers
from notifications.models import Message

NUDGE_BEFORE = timedelta(days=3)
BREATH = timedelta(days=1)  # between the opening mail and the reminder


def tell(wave):
    """Writes the opening mails and the reminders that are due; returns how many of each. Five queries where nothing is due."""
    told = _told(f"{waves.mail_key(wave)}:")
    nudged = attention.reminded_lately(f"wave:{wave.pk}:")
    opened, reminded = 0, 0
    for enrollment in wave_people.waiting(wave):
        hours = wave_hours.hours_of(wave, enrollment.user)
        if not enrollment.may_study or hours.state() not in ("open", "late"):
            continue
        if enrollment.pk not in told:
            opened += _open(wave, enrollment, hours)
        elif _nudge_is_due(hours, told[enrollment.pk]) and _topic(wave, enrollment) not in nudged:
            reminded += _nudge(f"{wave_people.nudge_key(wave)}:{enrollment.pk}", wave, enrollment, hours)
    return opened, reminded


def _told(prefix):
    """`{enrolment id: when it was last told}` of the keys that begin so."""
    rows = Message.objects.filter(dedupe_key__startswith=prefix).order_by("created_at").values_list("dedupe_key", "created_at")
    return {int(key.split(":")[2]): at for key, at in rows}


def _open(wave, enrollment, hours):
    """What the programme does not let the person reach yet is told when it does."""
    if progress.locked_because(enrollment, wave.activity_key):
        return 0
    return _send("wave_open", f"{waves.mail_key(wave)}:{enrollment.pk}", wave, enrollment, hours)


def _nudge_is_due(hours, opened_at):
    now = timezone.now()
    if hours.closes_at is None or now - opened_at < BREATH:
        return False
    return hours.closes_at - NUDGE_BEFORE <= now < hours.closes_at


def remind(wave, numbers):
    """Reminds those of the enrolments in `numbers` who have not answered, each once in seven days at most; returns how many mails.

    Raises `Refused` for a wave that takes no answers now, or that is anonymous: nobody is reminded by name there.
    """
    if wave.anonymous:
        raise Refused(_("Nobody is reminded by name about an anonymous wave."))
    if wave_people.state_of(wave) not in ("open", "late"):
        raise Refused(_("This wave takes no answers now, so there is nothing to remind of."))
    sent, moment = 0, f"{timezone.now():%Y%m%dT%H%M%S}"
    for enrollment in wave_people.waiting(wave).filter(pk__in=numbers):
        hours = wave_hours.hours_of(wave, enrollment.user)
        if enrollment.may_study and hours.state() in ("open", "late"):
            sent += _nudge(f"{wave_people.nudge_key(wave)}:{enrollment.pk}:{moment}", wave, enrollment, hours)
    return sent


def _nudge(key, wave, enrollment, hours):
    """A reminder, unless there was one in the last seven days: from here, from the wave's page or from the page of what needs attention."""
    return _send("wave_nudge", key, wave, enrollment, hours, topic=_topic(wave, enrollment), spaced=True)


def _topic(wave, enrollment):
    return attention.topic_of(f"wave:{wave.pk}:{enrollment.user_id}")


def _send(what, key, wave, enrollment, hours, **how):
    """1 for a message written now. The wave is held meanwhile: nobody is asked by a wave that is just closed or deleted."""
    with transaction.atomic():
        standing = Wave.objects.select_for_update(no_key=True).filter(pk=wave.pk, closed_at__isnull=True).first()
        if standing is None:
            return 0
        context = _context(wave, enrollment, hours)
        return int(outbox.enqueue(what, enrollment.user, key, context, url=_page(wave, enrollment), **how) is not None)


def _page(wave, enrollment):
    """Where the line on the site leads: behind sign-in, unlike the link of the mail."""
    with translation.override(readers.language_for(enrollment.user)):
        return reverse("evaluations:anonymous" if wave.anonymous else "evaluations:wave", args=[wave.pk])


def _context(wave, enrollment, hours):
    language = readers.language_for(enrollment.user)
    count = Question.objects.non_polymorphic().filter(instrument=wave.instrument_id).count()
    with translation.override(language):
        url = settings.SITE_BASE_URL + respondents.link_path(wave, enrollment)
        place = import_string(settings.CITY_NAMES)(str(hours.zone))
    return {
        "title": in_language(wave.instrument.title, language),
        "cohort": wave.cohort.name,
        "promise": wave.promise,
        "questions": count,
        "minutes": minutes_for(wave.instrument, count),
        "closes_on": wave.closes_on.isoformat() if wave.closes_on else "",
        "late": hours.state() == "late",
        "place": place,
        "secret_url": url,
    }
