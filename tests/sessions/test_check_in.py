"""Checking in: the code, the QR sign, the trainer's hand; forged, foreign and late ones."""

from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions import check_in
from sessions.models import CheckIn, Meeting, MeetingPerson
from tests.factories import EnrollmentFactory
from tests.sessions.attending import ended
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(db):
    meeting = meeting_of()
    check_in.new_code(meeting)
    return meeting


@pytest.fixture
def ana(meeting, client):
    ana = person_in(meeting)
    client.force_login(ana)
    return ana


def page(meeting):
    return reverse("live:check_in", args=[meeting.pk])


def give(client, meeting, code=None, **more):
    return client.post(page(meeting), {"code": meeting.check_in_code if code is None else code, **more})


def test_the_code_checks_the_person_in_once(meeting, ana, client):
    assert b'name="code"' in client.get(page(meeting)).content
    assert give(client, meeting, f" {meeting.check_in_code[:3].lower()}-{meeting.check_in_code[3:]} ").status_code == 302
    assert give(client, meeting).status_code == 302
    [row] = CheckIn.objects.all()
    assert (row.user, row.way, row.by) == (ana, "code", ana)
    assert b'name="code"' not in client.get(page(meeting)).content


def test_the_sign_opens_the_page_with_the_code_filled_in(meeting, ana, client):
    address = urlparse(check_in.address(meeting))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    html = client.get(address.path, asked).content.decode()
    assert f'value="{meeting.check_in_code}"' in html
    assert not CheckIn.objects.exists()  # opening it is not being there
    give(client, meeting, via="qr")
    assert CheckIn.objects.get().way == "qr"


@pytest.mark.parametrize("code", ["", "AAAAAA", "0OI1LL", "x" * 41, "<b>123", "%00ABCD", "ＡＢＣＤＥＦ"])
def test_a_wrong_code_is_said_to_be_wrong(meeting, ana, client, code):
    response = give(client, meeting, code)
    assert response.status_code == 422 and "errsum" in response.content.decode()
    assert not CheckIn.objects.exists()


def test_after_five_wrong_codes_even_the_right_one_waits(meeting, ana, client):
    wrong = ["222222", "333333", "444444", "555555", "666666"]
    assert [give(client, meeting, code).status_code for code in wrong] == [422] * 5
    assert give(client, meeting).status_code == 429
    assert not CheckIn.objects.exists()
    client.force_login(person_in(meeting))
    assert give(client, meeting).status_code == 302  # the limit is each person's own


def test_a_new_code_ends_the_old_one(meeting, ana, client):
    old = meeting.check_in_code
    check_in.new_code(meeting)
    assert give(client, meeting, old).status_code == 422


def test_the_code_of_another_meeting_opens_nothing_here(meeting, ana, client):
    other = meeting_of(meeting.cohort)
    check_in.new_code(other)
    assert give(client, meeting, other.check_in_code).status_code == 422
    without = meeting_of(meeting.cohort)
    assert give(client, without, "").status_code == 422


def test_nobody_checks_in_somebody_else(meeting, ana, client):
    luis = person_in(meeting)
    give(client, meeting, user=luis.pk, person=luis.pk, user_id=luis.pk)
    assert CheckIn.objects.get().user == ana


@pytest.mark.parametrize(
    ("state", "starts_in", "opens"),
    [("scheduled", 16, False), ("scheduled", 14, True), ("scheduled", -60, True), ("scheduled", -91, False), ("live", 0, True),
     ("paused", -200, True), ("cancelled", 0, False), ("ended", 0, False)],
)  # fmt: skip
def test_when_the_code_counts(client, state, starts_in, opens):
    meeting = meeting_of(state=state, starts_at=timezone.now() + timedelta(minutes=starts_in))
    check_in.new_code(meeting)
    client.force_login(person_in(meeting))
    response = give(client, meeting)
    assert response.status_code == (302 if opens else 409)
    assert CheckIn.objects.exists() == opens
    if not opens:
        assert b'name="code"' not in client.get(page(meeting)).content


def test_who_may_check_in(meeting, client):
    for person, status in [
        (EnrollmentFactory().user, 404), (person_in(meeting, role="evaluator"), 403), (person_in(meeting, role="trainer"), 403),
    ]:  # fmt: skip
        client.force_login(person)
        assert give(client, meeting).status_code == status
    removed = person_in(meeting)
    MeetingPerson.objects.create(meeting=meeting, user=removed, part="removed")
    client.force_login(removed)
    assert give(client, meeting).status_code == 404
    client.logout()
    assert give(client, meeting).url.startswith("/")
    assert not CheckIn.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_posts_at_once_check_in_once(in_parallel):
    from django.test import Client

    meeting = meeting_of()
    check_in.new_code(meeting)
    ana = person_in(meeting)
    clients = [Client() for _number in range(10)]
    for one in clients:
        one.force_login(ana)
    assert {one.status_code for one in in_parallel(lambda number: give(clients[number], meeting))} <= {302, 429}
    assert CheckIn.objects.count() == 1


# --- the sign and the trainer's hand -----------------------------------------------------------------------------------


def test_the_trainer_makes_a_code_and_shows_the_sign(client):
    meeting = meeting_of()
    client.force_login(person_in(meeting, role="trainer"))
    sign, code = (reverse(f"live:{name}", args=[meeting.pk]) for name in ("check_in_sign", "check_in_code"))
    assert b"<svg" not in client.get(sign).content.split(b"<h1>")[1].split(b"</main>")[0].replace(b'<svg class="icon"', b"")
    client.post(code)
    meeting.refresh_from_db()
    shown = client.get(sign).content.decode()
    assert meeting.check_in_code in shown and "<svg" in shown and 'class="qr"' in shown
    assert "style=" not in shown  # the content policy
    assert client.get(page(meeting)).url == sign  # who runs it has nothing to check in
    client.force_login(person_in(meeting))
    assert client.get(sign).status_code == 403 and client.post(code).status_code == 403
    client.force_login(EnrollmentFactory(role="lead").user)
    assert client.get(sign).status_code == 404 and client.post(code).status_code == 404


def test_codes_are_easy_to_read_aloud(meeting):
    for _time in range(50):
        code = check_in.new_code(meeting)
        assert len(code) == 6 and not set(code) & set("0O1ILU") and check_in.clean_code(code.lower()) == code


def test_a_meeting_that_is_over_gets_no_new_code(client):
    meeting = ended()
    client.force_login(person_in(meeting, role="trainer"))
    client.post(reverse("live:check_in_code", args=[meeting.pk]))
    assert Meeting.objects.get(pk=meeting.pk).check_in_code == ""


def test_somebody_comes_and_goes_in_the_hall(meeting, client):
    ana, trainer = person_in(meeting), person_in(meeting, role="trainer")
    client.force_login(trainer)
    address = reverse("live:attendance_hall", args=[meeting.pk, ana.pk])
    client.post(address, {"what": "here"})
    row = CheckIn.objects.get()
    assert (row.way, row.by, row.left_at) == ("hand", trainer, None)
    client.post(address, {"what": "left"})
    client.post(address, {"what": "here"})  # the time away is nobody's presence
    client.post(address, {"what": "dance"})
    row.refresh_from_db()
    assert row.left_at is not None
    client.force_login(ana)
    assert client.post(address, {"what": "here"}).status_code == 403
    client.force_login(EnrollmentFactory(role="lead").user)
    assert client.post(address, {"what": "here"}).status_code == 404
