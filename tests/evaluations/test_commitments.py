"""Commitments to change: kept once when sent, told back after 21 days, followed up after 90 and 180, in the person's own days."""

import datetime
import zoneinfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from curriculum.models import Enrollment
from evaluations import answering, commitments, following_up
from evaluations.models import Commitment, CommitmentFollowUp, Instrument, Response
from evaluations.questions.reading import questions_of
from notifications.models import Message
from tests.evaluations.committed_people import LINES, ONE_DAY, make_instrument, said, sent, url, world
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_sending_keeps_each_line_once():
    here = world()
    assert [(row.number, row.choice, row.text, row.confidence) for row in here.rows] == [
        (1, "pathway", "", 4),
        (2, "", "Llamar a <b>todas</b> las pacientes", 2),
    ]
    assert here.rows[0].due_on.isoformat() == LINES[0]["due"]
    commitments.keep(Response.objects.get())
    answering.submit(Response.objects.get())
    assert Commitment.objects.count() == 2


@parallel
def test_ten_parallel_keeps_make_each_once(in_parallel):
    here = world()
    Commitment.objects.all().delete()
    response = Response.objects.get(pk=here.response.pk)
    assert in_parallel(lambda n: commitments.keep(response)) == [None] * 10
    assert Commitment.objects.count() == 2


def test_what_stands_behind_a_branch_not_taken_is_no_commitment():
    enrollment, instrument = EnrollmentFactory(), make_instrument()
    response = answering.open_once(enrollment, instrument, "a1b2c3d4-0000-4000-8000-000000000000", "es")
    scale, change = questions_of(instrument.pk)
    for question, value in ((scale, 4), (change, LINES), (scale, 1)):
        answering.save_answer(response, question, value)
    answering.submit(response)
    assert not Commitment.objects.exists()


# --- mails ------------------------------------------------------------------------------------------------------------


def at(zone, *moment):
    return datetime.datetime(*moment, tzinfo=zoneinfo.ZoneInfo(zone))


def made_at(here, instant):
    Commitment.objects.filter(response=here.response).update(made_at=instant)


@pytest.mark.parametrize(
    "zone",
    ["America/Mexico_City", "America/Santiago", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo", "Asia/Kathmandu"],
)
@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.parametrize("day", [21, 90, 180])
def test_mails_leave_at_eight_on_the_persons_own_day(zone, hour, day):
    """T17 of the acceptance tests. Santiago changes its clocks in between."""
    here = world(time_zone=zone)
    made_at(here, at(zone, 2027, 3, 1, hour, 30))
    there = datetime.date(2027, 3, 1) + day * ONE_DAY
    eight = at(zone, there.year, there.month, there.day, 8)
    assert following_up.tell(eight - datetime.timedelta(minutes=1)) == 0
    assert following_up.tell(eight) == 1
    assert following_up.tell(eight + datetime.timedelta(minutes=1)) == 0


def test_the_reminder_holds_the_persons_own_words_and_is_written_once(mailoutbox, django_capture_on_commit_callbacks):
    here = world(days_ago=22)
    for _again in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("follow_commitments", verbosity=0)
    assert len(mailoutbox) == 1
    mail = mailoutbox[0]
    assert mail.to == [here.user.email]
    assert "camino (es)" in mail.body
    assert "Llamar a <b>todas</b> las pacientes" in mail.body
    assert "Llamar a &lt;b&gt;todas" in mail.alternatives[0][0]
    assert url("commitments") in mail.body
    assert "camino" not in str(Message.objects.get().context)  # the outbox keeps no words once the mail has left


def test_the_follow_up_leads_to_its_form_in_the_persons_language(mailoutbox, django_capture_on_commit_callbacks):
    here = world(days_ago=91, language="pt-br")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("follow_commitments", verbosity=0)
    assert f"/pt-br/commitments/{here.response.pk}/90/" in mailoutbox[0].body
    assert "camino (pt)" in mailoutbox[0].body


def test_after_two_dead_days_it_catches_up_and_after_two_weeks_it_lets_go():
    for days_ago, told in ((20, 0), (23, 1), (34, 1), (37, 0), (92, 1), (120, 0), (182, 1)):
        world(days_ago=days_ago)
        assert following_up.tell() == told, days_ago
        Instrument.objects.filter(key="post-evaluation").update(key=f"old-{days_ago}")


@parallel
def test_ten_parallel_runs_write_once(in_parallel):
    world(days_ago=22)
    assert sum(in_parallel(lambda n: following_up.tell())) == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", ["withdrawn", "transferred", "paused"])
def test_people_who_left_or_pause_are_not_written_to(status):
    here = world(days_ago=22)
    Enrollment.objects.filter(pk=here.enrollment.pk).update(status=status)
    assert following_up.tell() == 0


def test_deactivated_people_are_not_written_to_and_what_is_answered_is_not_asked_again():
    here = world(days_ago=91)
    here.client.post(url("follow_up", here.response.pk, 90), said(here))
    assert following_up.tell() == 0
    CommitmentFollowUp.objects.all().delete()
    here.user.is_active = False
    here.user.save()
    assert following_up.tell() == 0


def test_telling_costs_the_same_for_one_and_for_many(django_assert_max_num_queries):
    instrument = make_instrument()
    for _person in range(12):
        sent(EnrollmentFactory(), instrument, days_ago=22)
    with django_assert_max_num_queries(14):
        list(following_up._due(21, timezone.now()))
    following_up.tell()
    with django_assert_max_num_queries(4):  # nothing to write: what the worker pays each minute
        following_up.tell()
