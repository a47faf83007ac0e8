"""What the worker does for waves every minute: tells once, reminds once, closes by the clock, and catches up."""

import datetime
import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from evaluations import anonymous, wave_clock, wave_mail, wave_opening, waves
from evaluations.models import Wave
from evaluations.questions.reading import questions_of
from notifications import mail
from notifications.models import Message
from tests.evaluations.waving import (
    KIRITIMATI,
    MEXICO,
    PAGO_PAGO,
    cohort_with_people,
    day,
    make_survey,
    member,
    midnight,
    planned,
    sent,
    set_clock,
)

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SECOND, HOUR, DAY = datetime.timedelta(seconds=1), datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture
def here(db):
    return cohort_with_people()


def told(what="wave_open"):
    return [message.user for message in Message.objects.filter(what=what).order_by("pk")]


def run():
    call_command("run_waves", verbosity=0)


# --- when it opens ----------------------------------------------------------------------------------------------------


def test_each_person_is_told_when_it_opens_where_they_are(here, monkeypatch):
    planned(here.cohort, opens_on=day(3))
    east, west = member(here.cohort, time_zone=KIRITIMATI), member(here.cohort, time_zone=PAGO_PAGO)
    set_clock(monkeypatch, midnight(day(3), KIRITIMATI) - SECOND)
    run()
    assert told() == []
    set_clock(monkeypatch, midnight(day(3), KIRITIMATI))
    run()
    assert told() == [east.user]
    set_clock(monkeypatch, midnight(day(3), MEXICO))
    run()
    assert told() == [east.user, here.enrollment.user]
    set_clock(monkeypatch, midnight(day(3), PAGO_PAGO))
    for _minute in range(3):
        run()
    assert told() == [east.user, here.enrollment.user, west.user]


def test_who_is_not_asked_or_has_answered_is_not_told(here):
    wave = planned(here.cohort)
    for status in ("paused", "withdrawn", "selected"):
        member(here.cohort, status=status)
    member(here.cohort, is_active=False)
    sent(here.enrollment, wave)
    run()
    assert told() == []


def test_an_activity_behind_a_locked_module_is_told_of_when_it_opens(world):
    planned(world.cohort, world.needs, moment="pre", closes_on=None, activity_key=world.survey_key)
    world.cohort.releases = {str(world.made.module_keys[0]): "2099-06-01T12:00:00+00:00"}
    world.cohort.save()
    run()
    assert told() == []
    world.cohort.releases = {}
    world.cohort.save()
    run()
    assert told() == [world.user]


def test_who_joins_later_is_told_then(here):
    planned(here.cohort, closes_on=None)
    run()
    late = member(here.cohort)
    run()
    assert told() == [here.enrollment.user, late.user]


@parallel
def test_ten_workers_at_once_tell_everybody_once(in_parallel):
    here = cohort_with_people(trainees=3)
    planned(here.cohort)
    assert in_parallel(lambda n: run()) == [None] * 10
    assert sorted(user.pk for user in told()) == sorted(enrollment.user_id for enrollment in here.enrollments)


# --- the reminder -----------------------------------------------------------------------------------------------------


def test_one_reminder_three_days_before_the_end_for_those_who_have_not_answered(here, monkeypatch):
    wave, other = planned(here.cohort, closes_on=day(10)), member(here.cohort)
    run()
    sent(here.enrollment, wave)
    due = midnight(day(8), MEXICO)
    set_clock(monkeypatch, due - SECOND)
    run()
    assert told("wave_nudge") == []
    for later in (due, due + HOUR, due + 2 * DAY):
        set_clock(monkeypatch, later)
        run()
    assert told("wave_nudge") == [other.user]


def test_a_reminder_by_hand_shortly_before_counts(here, monkeypatch):
    wave = planned(here.cohort, closes_on=day(10))
    run()
    set_clock(monkeypatch, midnight(day(7), MEXICO))
    assert wave_mail.remind(wave, [here.enrollment.pk]) == 1
    Message.objects.filter(what="wave_nudge").update(created_at=midnight(day(7), MEXICO))
    set_clock(monkeypatch, midnight(day(8), MEXICO))
    run()
    assert len(told("wave_nudge")) == 1


def test_a_short_wave_is_not_told_of_twice_in_a_day(here, monkeypatch):
    planned(here.cohort, closes_on=day(1))
    run()
    run()
    assert told("wave_nudge") == []


def test_nobody_is_reminded_in_the_late_days_or_of_a_rolling_wave(here, monkeypatch):
    planned(here.cohort, late_days=20)
    planned(here.cohort, make_survey("rolling"), closes_on=None)
    run()
    set_clock(monkeypatch, midnight(day(9), MEXICO))
    run()
    assert told("wave_nudge") == []


@parallel
def test_ten_workers_at_once_remind_once(in_parallel, monkeypatch):
    here = cohort_with_people()
    planned(here.cohort, closes_on=day(10))
    run()
    set_clock(monkeypatch, midnight(day(8), MEXICO))
    in_parallel(lambda n: run())
    assert told("wave_nudge") == [here.enrollment.user]


# --- closing by the clock ---------------------------------------------------------------------------------------------


def test_a_wave_closes_when_the_last_zone_and_the_late_days_are_over(here, monkeypatch):
    wave = planned(here.cohort, late_days=2)
    response = wave_opening.open_wave(here.enrollment, wave, "es")
    set_clock(monkeypatch, wave.over_at - SECOND)
    run()
    assert Wave.objects.get().closed_at is None
    set_clock(monkeypatch, wave.over_at + HOUR)
    run()
    run()
    response.refresh_from_db()
    assert Wave.objects.get().closed_at == wave.over_at
    assert response.submitted_at is None


def test_a_worker_that_was_away_for_two_days_catches_up(here, monkeypatch):
    open_now, over = planned(here.cohort, opens_on=day(1)), planned(here.cohort, make_survey("short"), closes_on=day(0))
    set_clock(monkeypatch, midnight(day(3), MEXICO))
    run()
    over.refresh_from_db()
    assert over.closed_at
    assert [message.dedupe_key for message in Message.objects.all()] == [f"wave-open:{open_now.pk}:{here.enrollment.pk}"]


def test_an_anonymous_wave_is_sealed_by_the_clock_also_after_a_crash(here, monkeypatch):
    wave = planned(here.cohort, promise="anonymous")
    anonymous.open_form(wave, here.enrollment)
    anonymous.submit(wave, here.enrollment, {questions_of(wave.instrument_id)[0].key: 3}, "es")
    set_clock(monkeypatch, wave.over_at + HOUR)
    Wave.objects.update(closed_at=wave.over_at)  # it died between closing and sealing
    run()
    wave.refresh_from_db()
    assert wave.secret in ("", anonymous.SWEEPING)
    assert wave.anonymous_responses.get().token is None


def test_one_wave_that_fails_does_not_stop_the_others(here, monkeypatch):
    broken, well = planned(here.cohort), planned(here.cohort, make_survey("well"))
    tell = wave_mail.tell
    monkeypatch.setattr(wave_mail, "tell", lambda wave: 1 / 0 if wave.pk == broken.pk else tell(wave))
    with pytest.raises(CommandError, match="1 wave"):
        run()
    assert Message.objects.get().dedupe_key == f"wave-open:{well.pk}:{here.enrollment.pk}"


def test_nobody_is_told_of_a_wave_that_was_closed_or_deleted_meanwhile(here):
    closed, gone = planned(here.cohort), planned(here.cohort, make_survey("gone"))
    stale = [Wave.objects.select_related("cohort", "instrument").get(pk=wave.pk) for wave in (closed, gone)]
    waves.close(closed)
    waves.delete(gone)
    assert [wave_mail.tell(wave) for wave in stale] == [(0, 0), (0, 0)]
    assert not Message.objects.exists()


def test_the_worker_runs_it_every_minute():
    from lms.management.commands.worker import EVERY_MINUTE

    assert "run_waves" in EVERY_MINUTE
    assert wave_clock.run().failed == 0


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize("promise", ["identified", "confidential", "anonymous"])
@pytest.mark.parametrize("what", ["wave_open", "wave_nudge"])
def test_every_mail_says_what_until_when_and_under_which_promise(here, language, promise, what):
    here.enrollment.user.language = language
    here.enrollment.user.save()
    wave = planned(here.cohort, promise=promise)
    hours = wave_mail.wave_hours.hours_of(wave, here.enrollment.user)
    wave_mail._send(what, "key", wave, here.enrollment, hours)
    message = Message.objects.get()
    link = message.context["secret_url"] or ""
    subject, text, html = mail.render(message)
    assert wave.instrument.title[language] in subject
    assert link.startswith(f"{settings.SITE_BASE_URL}/{language}/") or not link
    assert "{{" not in text + html
    assert "&#" not in text
    assert not re.search(r"[ \t]+$|\n{3,}", text, re.MULTILINE)
    assert not re.search(r"<img|<script|<link|url\(", html)
    assert len((subject + text + html).encode()) < 40_000
    assert ("/anonymous/" in link) is (promise == "anonymous" and bool(link))
    assert {"es": "Ciudad de México", "pt-br": "Cidade do México", "en": "Mexico City"}[language] in text


def test_a_sent_mail_keeps_no_link(here, mailoutbox, django_capture_on_commit_callbacks):
    planned(here.cohort)
    with django_capture_on_commit_callbacks(execute=True):
        run()
    [message] = mailoutbox
    assert "/w/" in message.body
    assert Message.objects.get().context["secret_url"] == ""
