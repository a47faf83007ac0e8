"""What evaluations contribute to `curriculum.attention`: questionnaires without an answer and teach-backs that wait for a rater.

The rule of wave_people.unanswered: an anonymous wave names nobody; of the others it is said that somebody has not sent an answer,
never whether they have begun. Commitments are the person's own (`Commitment.objects.accessible_to`), so nobody is named for theirs.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import progress
from curriculum.attention import Item
from curriculum.behind import ago
from curriculum.cohort_facts import zone_of
from curriculum.models import Completion, Enrollment
from curriculum.outline import outline_of
from evaluations import wave_hours, wave_people
from evaluations.models import Response, TeachBack, TeachBackPage, Wave
from evaluations.wave_mail import NUDGE_BEFORE
from evaluations.words import in_language
from notifications.models import Message
from notifications.readers import written_date
from notifications.spacing import SPAN

WAIT = timedelta(days=3)  # nobody is late on the day on which they were asked
UNRATED = timedelta(days=2)
LATER = (Wave.Moment.M3, Wave.Moment.M6, Wave.Moment.M12, Wave.Moment.M24)


def items(user, cohorts):
    """A provider of `settings.ATTENTION`. Seven queries at most."""
    mine = {cohort.pk: cohort for cohort in cohorts}
    return [*_unanswered(user, mine), *_unrated(user, mine)]


# --- questionnaires --------------------------------------------------------------------------------------------------


def _unanswered(user, cohorts):
    waves = _open_waves(cohorts)
    if not waves:
        return []
    people, sent, done = _people(user, waves, cohorts), _sent(waves), _completed(waves)
    reminded = _reminded()
    found = []
    for wave in waves:
        for enrollment in people[wave.cohort_id]:
            if (enrollment.pk, wave.activity_key) not in sent and wave_hours.asks(wave, enrollment):
                found.append(_about(wave, enrollment, done[enrollment.pk], reminded.get((wave.pk, enrollment.pk))))
    return [item for item in found if item]


def _open_waves(cohorts):
    rows = Wave.objects.filter(cohort__in=cohorts, closed_at__isnull=True).exclude(promise=Wave.Promise.ANONYMOUS)
    waves = [wave for wave in rows.select_related("instrument") if wave_people.state_of(wave) in ("open", "late")]
    for wave in waves:
        wave.cohort = cohorts[wave.cohort_id]
    return waves


def _people(user, waves, cohorts):
    """Those who may answer now, by cohort; who is paused is not waited for."""
    rows = Enrollment.objects.studying().filter(cohort__in={wave.cohort_id for wave in waves}, user__is_active=True)
    people = defaultdict(list)
    for enrollment in rows.exclude(user=user).select_related("user"):
        enrollment.cohort = cohorts[enrollment.cohort_id]
        people[enrollment.cohort_id].append(enrollment)
    return people


def _sent(waves):
    keys = [wave.activity_key for wave in waves]
    rows = Response.objects.filter(activity_key__in=keys, submitted_at__isnull=False)
    return set(rows.order_by().values_list("enrollment_id", "activity_key"))


def _completed(waves):
    done = defaultdict(set)
    rows = Completion.objects.filter(enrollment__cohort__in={wave.cohort_id for wave in waves}).order_by()
    for enrollment, key in rows.values_list("enrollment_id", "activity_key"):
        done[enrollment].add(key)
    return done


def _reminded():
    """`{(wave id, enrolment id): instant}` of the reminders of the last seven days that the wave sent by itself or from its own page."""
    rows = Message.objects.filter(what="wave_nudge", created_at__gt=timezone.now() - SPAN).order_by("created_at")
    found = {}
    for key, at in rows.values_list("dedupe_key", "created_at"):
        parts = key.split(":")
        found[int(parts[1]), int(parts[2])] = at
    return found


def _about(wave, enrollment, done, reminded_at):
    hours, now = wave_hours.hours_of(wave, enrollment.user), timezone.now()
    if hours.state(now) not in ("open", "late") or progress.locked_because(enrollment, wave.activity_key, completions=done):
        return None
    since = max(hours.opens_at, enrollment.enrolled_at or hours.opens_at)
    closing = hours.closes_at is not None and hours.closes_at - NUDGE_BEFORE <= now
    if now - since < WAIT and not closing:
        return None
    kind, subject = ("follow_ups", _("Follow-up")) if wave.moment in LATER else ("questionnaires", _("Questionnaires"))
    url = reverse("evaluations:wave_unanswered", args=[wave.pk])
    return Item(
        kind,
        subject,
        wave.cohort,
        _words(wave, since),
        since,
        url,
        f"wave:{wave.pk}",
        enrollment.user,
        _reminder(wave),
        reminded_at,
    )


def _words(wave, since):
    words = {"title": in_language(wave.instrument.title), "ago": ago(since)}
    if wave.closes_on is None:
        return _("“%(title)s”: asked %(ago)s, no answer yet.") % words
    words["day"] = written_date(wave.closes_on)
    return _("“%(title)s”: asked %(ago)s, no answer yet. The last day is %(day)s.") % words


def _reminder(wave):
    def words():
        text = _("Your answers to “%(title)s” have not come in yet.") % {"title": in_language(wave.instrument.title)}
        return text, reverse("evaluations:wave", args=[wave.pk])

    return words


# --- teach-backs -----------------------------------------------------------------------------------------------------


def _unrated(user, cohorts):
    submitted = Count("ratings", filter=Q(ratings__submitted_at__isnull=False))
    rows = TeachBack.objects.filter(
        enrollment__cohort__in=cohorts, enrollment__status__in=Enrollment.MEMBER_STATES, enrollment__user__is_active=True,
        outcome=TeachBack.Outcome.OPEN,
    )  # fmt: skip
    open_ones = list(rows.exclude(enrollment__user=user).select_related("enrollment__user").annotate(closed=submitted))
    keys = {one.activity_key for one in open_ones}
    pages = TeachBackPage.objects.filter(translation_key__in=keys).values_list("translation_key", "raters_needed") if keys else ()
    needed = dict(pages)
    found = [_about_teach_back(one, cohorts[one.enrollment.cohort_id], needed.get(one.activity_key, 2)) for one in open_ones]
    return [item for item in found if item]


def _about_teach_back(teach_back, cohort, needed):
    held_on = teach_back.held_on
    since = datetime.combine(held_on, time(), tzinfo=zone_of(cohort)) if held_on else teach_back.created_at
    if timezone.now() - since < UNRATED:
        return None
    activity = outline_of(cohort).find(teach_back.activity_key)
    words = {"title": activity.title() if activity else _("Teach-back"), "ago": ago(since)}
    missing = needed - teach_back.closed
    if missing > 0:
        text = ngettext(
            "“%(title)s”, %(ago)s: %(n)s rating is missing.", "“%(title)s”, %(ago)s: %(n)s ratings are missing.", missing
        ) % {**words, "n": missing}
    else:
        text = _("“%(title)s”, %(ago)s: the ratings are there, the decision is missing.") % words
    url = reverse("evaluations:teach_back", args=[teach_back.pk])
    key = f"teach_back:{teach_back.pk}"
    return Item("teach_backs", _("Teach-backs"), cohort, text, since, url, key, teach_back.enrollment.user)
