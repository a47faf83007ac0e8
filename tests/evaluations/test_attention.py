"""Questionnaires and teach-backs that need a trainer; what was promised holds."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from curriculum import attention
from evaluations import attention as provider
from evaluations import wave_mail
from evaluations.models import Instrument, Rating, TeachBack, Wave
from notifications.models import Message
from tests.curriculum.test_attention import remind
from tests.evaluations.waving import cohort_with_people, day, make_survey, member, planned, sent, set_clock, signed
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def here(db):
    there = cohort_with_people(trainees=2)
    there.cohort.enrollments.update(enrolled_at=timezone.now() - 10 * DAY)
    for person in there.enrollments:
        person.refresh_from_db()
    return there


def items(here, user=None):
    with translation.override("en"):
        return provider.items(user or here.lead.user, [here.cohort])


def later(monkeypatch, days):
    set_clock(monkeypatch, timezone.now() + days * DAY)


@pytest.mark.parametrize("promise", ["identified", "confidential"])
def test_who_has_not_answered_is_named_and_nothing_more(here, monkeypatch, promise):
    wave = planned(here.cohort, promise=promise, closes_on=day(20))
    silent, answered = here.enrollments
    sent(answered, wave)
    later(monkeypatch, 4)
    [item] = items(here)
    assert (item.person, item.item_key, item.kind) == (silent.user, f"wave:{wave.pk}", "questionnaires")
    assert "secreto-canario" not in item.what
    assert signed(here.lead.user).get(item.url).status_code == 200


def test_an_anonymous_wave_names_nobody(here, monkeypatch):
    planned(here.cohort, promise="anonymous", closes_on=day(20))
    later(monkeypatch, 4)
    assert Wave.objects.get().anonymous
    assert items(here) == []
    page = signed(here.lead.user).get(reverse("curriculum:attention"))
    assert all(item.kind != "questionnaires" for item in page.context["found"].items)


def test_nobody_is_late_on_the_first_days_unless_it_closes(here, monkeypatch):
    planned(here.cohort, closes_on=day(20))
    later(monkeypatch, 2)
    assert items(here) == []
    later(monkeypatch, 16)
    assert len(items(here)) == 2


def test_a_wave_that_is_closed_or_planned_asks_nobody(here, monkeypatch):
    planned(here.cohort, opens_on=day(30), closes_on=day(40))
    later(monkeypatch, 5)
    assert items(here) == []
    later(monkeypatch, 60)
    assert items(here) == []


@pytest.mark.parametrize("status", ["paused", "withdrawn", "selected"])
def test_who_cannot_answer_now_is_not_waited_for(here, monkeypatch, status):
    here.cohort.enrollments.filter(role="trainee").update(status=status)
    planned(here.cohort, closes_on=day(20))
    later(monkeypatch, 4)
    assert items(here) == []


def test_six_months_later_it_is_a_follow_up(here, monkeypatch):
    planned(here.cohort, moment="m6", closes_on=day(20))
    later(monkeypatch, 4)
    assert {item.kind for item in items(here)} == {"follow_ups"}


def test_what_the_wave_itself_reminded_of_counts_for_the_week(here, monkeypatch):
    wave = planned(here.cohort, closes_on=day(20))
    later(monkeypatch, 4)
    wave_mail.remind(wave, [here.enrollment.pk])
    Message.objects.filter(what="wave_nudge").update(created_at=timezone.now())
    found = {
        item.person: item for item in attention.collect(here.lead.user, [here.cohort]).items if item.item_key == f"wave:{wave.pk}"
    }
    assert found[here.enrollment.user].reminded_at
    assert not found[here.enrollment.user].due
    assert found[here.enrollments[1].user].due


def test_who_was_reminded_here_is_not_reminded_by_the_wave_as_well(here, monkeypatch):
    wave = planned(here.cohort, closes_on=day(6))
    wave_mail.tell(wave)
    Message.objects.filter(what="wave_open").update(created_at=timezone.now())
    later(monkeypatch, 4)
    client = signed(here.lead.user)
    remind(client, here.enrollment.user_id)
    Message.objects.filter(what="attention").update(created_at=timezone.now())
    assert wave_mail.remind(wave, [here.enrollment.pk]) == 0
    assert wave_mail.tell(wave) == (0, 1)
    assert [message.user for message in Message.objects.filter(what="wave_nudge")] == [here.enrollments[1].user]


def test_the_reminder_opens_the_questionnaire_for_the_person(here, monkeypatch):
    wave = planned(here.cohort, closes_on=day(20))
    later(monkeypatch, 4)
    client = signed(here.lead.user)
    remind(client, here.enrollment.user_id)
    message = Message.objects.get(what="attention", settled_as="")
    [line] = [one for one in message.context["lines"] if f"/waves/{wave.pk}/" in one["url"]]
    assert signed(here.enrollment.user).get(line["url"].removeprefix("http://testserver")).status_code == 200


# --- teach-backs -----------------------------------------------------------------------------------------------------


def teach_back(here, days=3, ratings=0):
    rubric = Instrument.objects.get_or_create(key="rubric", kind="rubric", title={"es": "Rúbrica"})[0]
    made = TeachBack.objects.create(
        enrollment=here.enrollment, activity_key=uuid.uuid4(), instrument=rubric,
        held_on=(timezone.now() - days * DAY).date(),
    )  # fmt: skip
    for _number in range(ratings):
        rater = EnrollmentFactory(cohort=here.cohort, role="trainer").user
        Rating.objects.create(teach_back=made, rater=rater, submitted_at=timezone.now())
    return made


@pytest.mark.parametrize(
    ("ratings", "words"), [(0, "2 ratings are missing."), (1, "1 rating is missing."), (2, "the decision is missing.")]
)
def test_a_teach_back_waits_for_raters_and_then_for_the_decision(here, ratings, words):
    made = teach_back(here, ratings=ratings)
    [item] = items(here)
    assert item.what.endswith(words)
    assert item.item_key == f"teach_back:{made.pk}"
    assert not item.remindable
    assert signed(here.lead.user).get(item.url).status_code == 200


def test_a_teach_back_of_today_and_a_settled_one_wait_for_nobody(here):
    made = teach_back(here, days=0)
    assert items(here) == []
    TeachBack.objects.filter(pk=made.pk).update(held_on=day(-9), outcome="passed")
    assert items(here) == []


def test_nobody_waits_for_themselves(here):
    teach_back(here)
    assert items(here, here.enrollment.user) == []


def test_the_queries_do_not_grow(here, monkeypatch):
    planned(here.cohort, closes_on=day(20))
    planned(here.cohort, make_survey("second"), moment="m3", closes_on=day(20))
    later(monkeypatch, 4)
    counts = []
    for more in (1, 59):
        for _number in range(more):
            member(here.cohort)
        items(here)
        with CaptureQueriesContext(connection) as queries:
            items(here)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7
