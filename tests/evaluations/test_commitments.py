"""Commitments to change: kept once when sent, told back after 21 days, followed up after 90 and 180, in the person's own days."""

import datetime
import zoneinfo
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Enrollment
from evaluations import answering, commitments, following_up, today
from evaluations.models import Commitment, CommitmentFollowUp, CommitmentQuestion, Instrument, LikertQuestion, Response
from evaluations.questions.reading import questions_of
from notifications.models import Message
from tests.evaluations.anonymous_people import signed_in_as
from tests.evaluations.conftest import SCALE, words
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CHOICES = [{"key": "pathway", "text": words("camino")}, {"key": "data", "text": words("datos")}]
ONE_DAY = datetime.timedelta(days=1)


def make_instrument(key="post-evaluation"):
    instrument = Instrument.objects.create(key=key, kind="survey", title=words("Cierre"))
    LikertQuestion.objects.create(instrument=instrument, key="scale", order=1, text=words("escala"), scale=SCALE)
    CommitmentQuestion.objects.create(
        instrument=instrument, key="change", order=2, text=words("cambio"), choices=CHOICES, most=3, required=False,
        show_if={"question": "scale", "any_of": [3, 4, 5]},
    )  # fmt: skip
    return instrument


def line(choice="pathway", text="", confidence=4):
    due = (timezone.now() + datetime.timedelta(days=60)).date().isoformat()
    return {"choice": choice, "text": text, "confidence": confidence, "due": due}


LINES = [line(), line("", "Llamar a <b>todas</b> las pacientes", 2)]


def sent(enrollment, instrument, lines=LINES, days_ago=0):
    """A sent response with commitments, as if it had been sent some days ago."""
    response = answering.open_once(enrollment, instrument, "a1b2c3d4-0000-4000-8000-000000000000", "es")
    for question, value in zip(questions_of(instrument.pk), (4, lines), strict=True):
        answering.save_answer(response, question, value)
    response = answering.submit(response)
    at = timezone.now() - days_ago * ONE_DAY
    Response.objects.filter(pk=response.pk).update(submitted_at=at)
    response.commitments.update(made_at=at)
    return response


def world(days_ago=0, **user):
    enrollment = EnrollmentFactory(cohort=CohortFactory(), user=UserFactory(**user))
    response = sent(enrollment, make_instrument(), days_ago=days_ago)
    return SimpleNamespace(
        enrollment=enrollment, cohort=enrollment.cohort, user=enrollment.user, response=response,
        rows=list(response.commitments.order_by("number")), client=signed_in_as(enrollment.user),
    )  # fmt: skip


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


def said(here, status="done", barriers=(), note=""):
    """The form filled in alike for all commitments."""
    data = {}
    for row in here.rows:
        data |= {f"c{row.pk}-status": status, f"c{row.pk}-barriers": list(barriers), f"c{row.pk}-note": note}
    return data


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


# --- following up -----------------------------------------------------------------------------------------------------


def test_the_list_and_the_form_and_what_became_of_it():
    here = world(days_ago=95)
    address = url("follow_up", here.response.pk, 90)
    listed = here.client.get(url("commitments")).content.decode()
    assert address in listed
    assert "Llamar a &lt;b&gt;todas" in listed
    form = here.client.get(address).content.decode()
    assert form.count("<legend>") == 4
    answered = here.client.post(address, said(here, "partly", ["time", "dxa-access"], "  Falta poco\r\n"))
    assert (answered.status_code, answered.url) == (302, url("commitments"))
    rows = CommitmentFollowUp.objects.values_list("day", "status", "barriers", "note")
    assert list(rows) == [(90, "partly", ["time", "dxa-access"], "Falta poco")] * 2
    after = here.client.get(url("commitments")).content.decode()
    assert "Falta poco" in after
    again = here.client.get(address).content.decode()
    assert again.count("checked") == 2 * 3
    here.client.post(address, said(here, "done"))
    assert set(CommitmentFollowUp.objects.values_list("status", flat=True)) == {"done"}
    assert CommitmentFollowUp.objects.count() == 2


@parallel
def test_ten_parallel_answers_make_one_per_commitment(in_parallel):
    here = world(days_ago=95)
    clients = [signed_in_as(here.user) for _ in range(10)]
    address = url("follow_up", here.response.pk, 90)
    assert in_parallel(lambda n: clients[n].post(address, said(here)).status_code) == [302] * 10
    assert CommitmentFollowUp.objects.count() == 2


@pytest.mark.parametrize(
    ("days_ago", "day", "status"),
    [(89, 90, 409), (90, 90, 302), (179, 90, 302), (180, 90, 409), (180, 180, 302), (270, 180, 409)],
)
def test_each_form_has_its_time(days_ago, day, status):
    here = world(days_ago=days_ago)
    address = url("follow_up", here.response.pk, day)
    assert here.client.get(address).status_code == 200
    assert here.client.post(address, said(here)).status_code == status
    assert CommitmentFollowUp.objects.exists() == (status == 302)


def test_only_ones_own_and_only_known_days(client):
    here = world(days_ago=95)
    address = url("follow_up", here.response.pk, 90)
    for other in (UserFactory(), EnrollmentFactory(cohort=here.cohort, role="lead").user, UserFactory(is_superuser=True)):
        assert signed_in_as(other).post(address, said(here)).status_code == 404
        assert "Llamar" not in signed_in_as(other).get(url("commitments")).content.decode()
    assert client.post(address, said(here)).status_code == 302
    assert here.client.get(url("follow_up", here.response.pk, 91)).status_code == 404
    assert here.client.get(f"/es/commitments/{'9' * 40}/90/").status_code == 404
    assert here.client.put(address).status_code == 405
    assert not CommitmentFollowUp.objects.exists()


@pytest.mark.parametrize(("status", "code"), [("paused", 403), ("withdrawn", 403)])
def test_people_who_left_read_their_words_and_answer_nothing(status, code):
    here = world(days_ago=95)
    Enrollment.objects.filter(pk=here.enrollment.pk).update(status=status)
    assert here.client.post(url("follow_up", here.response.pk, 90), said(here)).status_code == code
    listed = here.client.get(url("commitments")).content.decode()
    assert "Llamar" in listed
    assert url("follow_up", here.response.pk, 90) not in listed


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": ""}, {"status": "finished"}, {"status": "\x00"}, {"barriers": ["weather"]}, {"barriers": ["\x00"]},
        {"note": "x" * 501}, {"note": "a\x00b"}, {"note": "x" * 100_000}, {"status": "9" * 5000},
    ],
)  # fmt: skip
def test_bad_input_is_a_422_that_keeps_the_rest(wrong):
    here = world(days_ago=95)
    sent = said(here, note="queda escrito") | {f"c{here.rows[0].pk}-{name}": value for name, value in wrong.items()}
    page = here.client.post(url("follow_up", here.response.pk, 90), sent)
    assert page.status_code == 422
    assert "queda escrito" in page.content.decode()
    assert 'role="alert"' in page.content.decode()
    assert not CommitmentFollowUp.objects.exists()


def test_an_empty_list_says_so_and_a_long_one_costs_the_same(django_assert_max_num_queries):
    assert "empty" in signed_in_as(UserFactory()).get(url("commitments")).content.decode()
    here = world(days_ago=95)
    for number in range(6):
        cohort = CohortFactory()
        sent(EnrollmentFactory(user=here.user, cohort=cohort), make_instrument(f"other-{number}"), days_ago=number)
    here.client.get(url("commitments"))
    with django_assert_max_num_queries(12):
        here.client.get(url("commitments"))


# --- Today and the report ---------------------------------------------------------------------------------------------


def test_today_shows_an_open_follow_up_until_it_is_answered(django_assert_num_queries):
    here = world(days_ago=95)
    enrollment = Enrollment.objects.select_related("user", "cohort").get(pk=here.enrollment.pk)
    with django_assert_num_queries(1):
        assert following_up.waiting_for(enrollment) == [(here.response.pk, 90)]
    card = today._commitments(enrollment)[0]
    with translation.override("es"):
        assert url("follow_up", here.response.pk, 90) in render_to_string(card["template"], card["context"])
    here.client.post(url("follow_up", here.response.pk, 90), said(here))
    assert following_up.waiting_for(enrollment) == []


def test_counts_are_of_members_whose_day_has_come(django_assert_num_queries):
    cohort, instrument = CohortFactory(), make_instrument()
    people = [EnrollmentFactory(cohort=cohort) for _ in range(5)]
    responses = [sent(person, instrument, days_ago=days) for person, days in zip(people, (95, 95, 95, 30, 95), strict=True)]
    Enrollment.objects.filter(pk=people[4].pk).update(status="withdrawn")
    first, second = responses[0].commitments.order_by("number")
    said_of = {"note": "", "barriers": ["time"]}
    following_up.answer(responses[0], 90, {first.pk: {"status": "done", **said_of}, second.pk: {"status": "not_yet", **said_of}})
    with django_assert_num_queries(2):
        counts = commitments.counts(cohort, 90)
    assert counts["made"] == 8
    assert (counts["people"], counts["asked"], counts["people_asked"]) == (4, 6, 3)
    assert counts["statuses"] == {"done": 1, "partly": 0, "not_yet": 1, "dropped": 0, "unanswered": 4}
    assert {code: n for code, n in counts["barriers"].items() if n} == {"time": 2}
    assert commitments.counts(cohort, 180)["asked"] == 0
