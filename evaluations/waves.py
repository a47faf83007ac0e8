"""Planning a wave and looking after it: dates, version, closing, deleting. Leads decide (curriculum.roles); views ask for that.

Every act holds the wave's row and says no by raising `Refused` with the form field it is about. What figures stand on cannot be
moved afterwards: a wave whose last day has ended, or a rolling one that somebody has answered, keeps its dates, because two
figures that differ by a few people would tell what those people answered.
"""

from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.cohort_facts import zone_of
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort, Enrollment
from curriculum.outline import outline_of
from evaluations import anonymous
from evaluations.answering import newest_instrument
from evaluations.models import Asked, Instrument, Response, Wave
from evaluations.models.wave import FIRST_ZONE, LAST_ZONE
from evaluations.moore import snapshots
from evaluations.pages import page_of
from notifications.models import Message

Moment, Promise, Feedback = Wave.Moment, Wave.Promise, Wave.Feedback
NUMBERED = (Moment.SESSION, Moment.MEETING)
ASKING = (Instrument.Kind.SURVEY, Instrument.Kind.QUIZ)
LONGEST = timedelta(days=5 * 366)
MOST_LATE_DAYS = 90


# --- planning --------------------------------------------------------------------------------------------------------


def plan(cohort, by, *, instrument, moment, promise, opens_on, closes_on=None, number=0, late_days=0,
         feedback=Feedback.NEVER, audience=Wave.Audience.TRAINEES, activity_key=None):  # fmt: skip
    """One wave of `instrument` (its version stays) and returns it. `activity_key` names an activity that asks; else it stands alone.

    Raises `Refused`: dates, a missing number, an overlap, a promise that cannot be kept, an activity that asks something else.
    """
    wave = Wave(
        cohort=cohort, instrument=instrument, audience=audience, moment=moment, number=number if moment in NUMBERED else 0,
        promise=promise, feedback=feedback if instrument.kind == Instrument.Kind.QUIZ else Feedback.NEVER,
        activity_key=activity_key or uuid4(), opens_on=opens_on, closes_on=closes_on, late_days=late_days, created_by=by,
    )  # fmt: skip
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        _check(wave, of_activity=activity_key is not None)
        _insert(wave)
        if activity_key:
            _take_over(wave)
    return wave


def _check(wave, *, of_activity):
    if wave.instrument.kind not in ASKING or not wave.instrument.questions.exists():
        raise Refused(_("Choose a questionnaire or a quiz that has questions."), "instrument")
    if wave.moment in NUMBERED and not wave.number:
        raise Refused(_("Write the number of the session or meeting."), "number")
    check_dates(wave)
    check_promise(wave, of_activity=of_activity)
    if of_activity:
        _check_activity(wave)
    _check_overlap(wave)


def check_dates(wave, today=None):
    """The dates make sense and are not past, by the cohort's calendar."""
    today = today or today_in(wave.cohort)
    if wave.opens_on < today:
        raise Refused(_("The first day is past. Choose today or a later day."), "opens_on")
    if wave.closes_on and wave.closes_on < wave.opens_on:
        raise Refused(_("The last day must not be before the first day."), "closes_on")
    if (wave.closes_on or wave.opens_on) - today > LONGEST:
        raise Refused(
            _("That is more than five years away. Choose an earlier day."), "closes_on" if wave.closes_on else "opens_on"
        )
    if not wave.closes_on and wave.late_days:
        raise Refused(_("Without a last day nothing can be late. Write 0."), "late_days")
    if wave.late_days > MOST_LATE_DAYS:
        raise Refused(_("Late answers can be accepted for at most %(days)s days.") % {"days": MOST_LATE_DAYS}, "late_days")


def check_promise(wave, *, of_activity):
    """Nothing is planned that the promise to those who answer could not hold."""
    if not wave.anonymous:
        return
    if not wave.closes_on:
        text = _("An anonymous wave needs a last day: the link to the person is destroyed when it closes.")
        raise Refused(text, "closes_on")
    if wave.late_days:
        raise Refused(_("An anonymous wave takes no late answers: write 0."), "late_days")
    if of_activity:
        text = _("An activity of the programme remembers who has finished it, so it cannot ask anonymously.")
        raise Refused(text, "promise")
    if wave.feedback != Feedback.NEVER:
        raise Refused(_("Nobody knows whose anonymous answers are whose, so no right answers can be shown."), "feedback")


def _check_activity(wave):
    page = page_of(wave.activity_key)
    if outline_of(wave.cohort).find(wave.activity_key) is None or page is None:
        raise Refused(_("The cohort's programme does not have this activity."), "activity")
    if page.instrument_key != wave.instrument.key:
        raise Refused(_("This activity asks another questionnaire."), "activity")


def _check_overlap(wave):
    """The same questionnaire is asked once at a time. Different sessions or meetings are different occasions."""
    others = Wave.objects.filter(cohort=wave.cohort, instrument__key=wave.instrument.key).exclude(pk=wave.pk)
    if others.filter(moment=wave.moment, number=wave.number).exists():
        field = "number" if wave.moment in NUMBERED else "moment"
        raise Refused(_("This questionnaire is planned for this moment already."), field)
    if wave.activity_key in others.values_list("activity_key", flat=True):
        raise Refused(_("This activity has its wave already."), "activity")
    if wave.moment in NUMBERED:
        others = others.exclude(moment__in=NUMBERED)
    still_open = others.filter(Q(closes_on__isnull=True, closed_at__isnull=True) | Q(closes_on__gte=wave.opens_on))
    if wave.closes_on:
        still_open = still_open.filter(opens_on__lte=wave.closes_on)
    if still_open.filter(closed_at__isnull=True).exists():
        raise Refused(_("The same questionnaire is open on these days already. Choose other days."), "opens_on")


def _insert(wave):
    try:
        with transaction.atomic():
            wave.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("This questionnaire is planned for this moment already."), "moment") from None


def _take_over(wave):
    """What was answered in the activity before the wave was planned joins its figures, where the promise is about figures only.

    Single answers from then stay closed for everybody (evaluations/reading.py): people had read another promise.
    """
    if wave.promise != Promise.CONFIDENTIAL:
        return
    earlier = Response.objects.filter(
        enrollment__cohort=wave.cohort, activity_key=wave.activity_key, instrument=wave.instrument, wave__isnull=True
    )
    person = Enrollment.objects.filter(pk=OuterRef("enrollment_id"))
    unmarked = earlier.filter(submitted_at__isnull=False, country="", profession="")
    unmarked.update(country=Subquery(person.values("user__country")), profession=Subquery(person.values("user__profession")))
    earlier.update(wave=wave)


# --- looking after it ------------------------------------------------------------------------------------------------


def move(wave, opens_on, closes_on, late_days):
    """New dates. Raises `Refused`: closed, ended, in the past, or answered in a way that the new dates would show."""
    with transaction.atomic():
        wave = hold(wave)
        _require_standing(wave)
        former = wave.opens_on, wave.closes_on
        wave.opens_on, wave.closes_on, wave.late_days = opens_on, closes_on, late_days
        _check_move(wave, *former)
        wave.save(update_fields=["opens_on", "closes_on", "late_days"])
    return wave


def _check_move(wave, opened_on, closed_on):
    today = today_in(wave.cohort)
    if is_asked(wave):
        if wave.opens_on != opened_on:
            raise Refused(_("People have been asked already, so the first day stays as it is."), "opens_on")
        if bool(wave.closes_on) != bool(closed_on):
            raise Refused(_("People have been asked already: a last day can be moved, not added or taken away."), "closes_on")
        today = min(today, wave.opens_on)
    check_dates(wave, today)
    if wave.closes_on and wave.closes_on != closed_on and wave.closes_on < today_in(wave.cohort):
        raise Refused(_("The last day is past. Choose today or a later day, or close the wave now."), "closes_on")
    check_promise(wave, of_activity=False)
    _check_overlap(wave)


def _require_standing(wave):
    if wave.closed_at:
        raise Refused(_("This wave is closed. What its figures stand on cannot change any more."))
    if wave.closes_on and wave.closes_at(LAST_ZONE) <= timezone.now():
        raise Refused(_("The last day of this wave has ended everywhere. What its figures stand on cannot change any more."))


def close(wave, at=None):
    """Closes it for everybody and returns it; what is not sent counts as not answered. Closing twice is the same as once.

    `at` is for the clock: the instant from which nobody could answer any more. Links of an anonymous wave are destroyed.
    """
    with transaction.atomic():
        wave = hold(wave)
        if wave.closed_at is None:
            _require_opened(wave)
            if not wave.anonymous:
                wave.closed_at = at or timezone.now()
                wave.save(update_fields=["closed_at"])
    if wave.anonymous:
        anonymous.seal(wave, at)
        wave.refresh_from_db(fields=["closed_at"])
    snapshots.refresh_soon(wave.cohort_id)
    return wave


def _require_opened(wave):
    if wave.opens_at(FIRST_ZONE) > timezone.now():
        raise Refused(_("This wave has not opened yet. Move its dates, or delete it."))


def use_newest(wave):
    """Takes the newest version of the questionnaire. Raises `Refused` once anybody has begun."""
    with transaction.atomic():
        wave = hold(wave)
        _require_standing(wave)
        if has_begun(wave):
            raise Refused(_("Somebody has begun to answer, so the version stays as it is."))
        wave.instrument = newest_instrument(wave.instrument.key) or wave.instrument
        wave.save(update_fields=["instrument"])
    return wave


def delete(wave):
    """Takes it away as if it had never been planned. Raises `Refused` once anybody was asked."""
    with transaction.atomic():
        wave = hold(wave)
        if is_asked(wave):
            raise Refused(_("People have been asked already. Close the wave instead."))
        wave.delete()


def hold(wave):
    """The row as it is now, held until the transaction ends."""
    return Wave.objects.select_for_update(of=("self",), no_key=True).select_related("cohort", "instrument").get(pk=wave.pk)


def has_begun(wave):
    return wave.responses.exists() or Asked.objects.filter(wave=wave).exists() or wave.anonymous_responses.exists()


def is_asked(wave):
    """Whether anybody was told of it or has begun."""
    return has_begun(wave) or Message.objects.filter(dedupe_key__startswith=f"{mail_key(wave)}:").exists()


def mail_key(wave):
    """What the keys of the wave's opening mails begin with."""
    return f"wave-open:{wave.pk}"


def today_in(cohort):
    return timezone.localdate(timezone=zone_of(cohort))
