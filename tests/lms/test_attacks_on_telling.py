"""What an attacker tries on the pages that say who is told what: names behind addresses, wishes and bounces of others, seals, previews
of somebody else's mail, and what a device sends later."""

import datetime
import hashlib
import json
import re
import runpy
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Enrollment
from lms.keys_in_addresses import KeysFilter, without_keys
from notifications import feed, unsubscribing
from notifications.models import Bounce, Message, Preference, Wording
from sessions import answers, telling
from sessions.models import Invitee, MeetingPerson, NationalMeeting, QuarterSlot, Receipt
from tests.confirming import seen_on
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.lms.test_attacks_on_planning import addresses_of
from tests.notifications.people import message, two_cohorts
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rotating import a_group, a_lead, a_mentor, at, the_days

pytestmark = pytest.mark.django_db
NAME = "Zanahoria Secreta"
Q2 = "2027-Q2"


# --- the name behind an address --------------------------------------------------------------------------------------


def named_by_address(part="guest", state="scheduled"):
    """A trainer names somebody of another cohort by address: `.hidden`, `.client` of the trainer."""
    here = planned(state="draft")
    here.hidden = UserFactory(full_name=NAME, title="Dra.", country="UY", language="pt-br", time_zone="America/Montevideo")
    here.client = signed(here.trainer)
    said = {"email": here.hidden.email, "part": part, "full_name": "Otra Persona", "time_zone": "America/Bogota"}
    assert here.client.post(url("people", here.meeting.pk), said).status_code == 302
    here.meeting.state = state
    here.meeting.save()
    return here


@pytest.mark.parametrize("part", ["guest", "presenter", "host"])
@pytest.mark.parametrize("state", ["draft", "scheduled", "live"])
def test_no_page_says_whose_account_an_address_is(part, state):
    """Else a trainer learns from any address whether it has an account, of whom, and where the person lives."""
    here = named_by_address(part, state)
    seen = []
    for path in addresses_of(here.meeting):
        body = here.client.get(path).getvalue().decode("utf-8", "replace")
        lives = "Uruguay" in re.sub(r"<option.*?</option>", "", body, flags=re.S)  # countries and zones to choose from
        seen += [path] if NAME in body or lives else []
    assert not seen
    assert here.hidden.email in text_of(here.client.get(url("who_comes", here.meeting.pk)))


def test_who_has_answered_is_known_by_name():
    here = named_by_address()
    answers.answer(here.meeting, here.hidden, "yes", Invitee.Via.PAGE)
    assert NAME in text_of(here.client.get(url("who_comes", here.meeting.pk)))


def test_a_host_from_outside_reads_the_names_of_the_cohort():
    here = planned()
    MeetingPerson.objects.create(meeting=here.meeting, user=here.stranger, part="host")
    here.trainee.full_name = "Ana de la Cohorte"
    here.trainee.save()
    assert "Ana de la Cohorte" in text_of(signed(here.stranger).get(url("who_comes", here.meeting.pk)))


@pytest.mark.parametrize("name", ["announce", "cancel"])
def test_what_somebody_is_busy_with_is_not_said_to_who_has_the_address_alone(name):
    here = named_by_address("host", "draft" if name == "announce" else "scheduled")
    other = planned(hours=72)
    MeetingPerson.objects.create(meeting=other.meeting, user=here.hidden, part="host")
    for path in (url(name, here.meeting.pk), url("meeting", here.meeting.pk)):
        assert NAME not in text_of(here.client.get(path))


# --- wishes and bounces ----------------------------------------------------------------------------------------------


@pytest.fixture
def silent(monkeypatch):
    """A quarter whose invitation waits; one mentor's address refuses mail, another wants none: `.people`, `.lead`, `.address`."""
    at(monkeypatch, "2026-12-05")
    group = a_group("Andes", "CO", size=2)
    group.lead, group.address = a_lead(), url("duty_invite", Q2)
    group.mentors = [a_mentor("BR", full_name="Beatriz Ramos"), a_mentor("MX", full_name="Rosa Vázquez")]
    Bounce.objects.create(user=group.mentors[0], to=group.mentors[0].email, kind="permanent")
    Preference.objects.create(user=group.mentors[1], kind="meetings", mail=False)
    QuarterSlot.objects.create(quarter=Q2, group=group, state="accepted")
    signed(group.lead).post(url("year_dates", 2027), the_days(q2="2027-05-20"))
    return group


def test_a_mentor_does_not_learn_who_wants_no_mail_or_gets_none(silent):
    page = signed(silent.people[0]).get(silent.address)
    reach = page.context["reach"]
    assert (reach.refused, reach.unwanted, reach.open) == ([], [], False)
    told = re.sub(r"<details.*?</details>", "", text_of(page), flags=re.S)
    assert f"{len(reach.people)} people are told" in told and "get a mail" not in told
    assert sum(number for _name, number in reach.languages) == len(reach.people) - 1  # a lead's language is no mentor's business
    before = page.content.count(b"<p>")
    Bounce.objects.all().delete()
    Preference.objects.all().delete()
    assert signed(silent.people[0]).get(silent.address).content.count(b"<p>") == before


def test_a_trainer_of_three_learns_nothing_of_the_wishes_of_one():
    here = planned(state="draft")
    Preference.objects.create(user=here.trainee, kind="meetings", mail=False)
    texts = {}
    for role in ("trainer", "lead"):
        page = signed(getattr(here, role)).get(url("announce", here.meeting.pk))
        texts[role] = [user.pk for user in page.context["reach"].unwanted]
    assert texts == {"trainer": [], "lead": [here.trainee.pk]}


def test_a_lead_reads_only_the_wishes_of_people_they_lead():
    here, other = planned(state="draft"), EnrollmentFactory(user__full_name="De Otra Cohorte").user
    MeetingPerson.objects.create(meeting=here.meeting, user=other, part="guest")
    for user in (here.trainee, other):
        Preference.objects.create(user=user, kind="meetings", mail=False)
    reach = signed(here.lead).get(url("announce", here.meeting.pk)).context["reach"]
    assert reach.unwanted == [here.trainee] and not reach.open


# --- seals -----------------------------------------------------------------------------------------------------------


def test_a_seal_does_not_let_people_be_guessed(silent):
    """Without a key whoever sees a seal tries sets of people until one fits."""
    page = signed(silent.people[0]).get(silent.address)
    meeting = page.context["meeting"]
    fact = f"{meeting.pk}@{meeting.starts_at.timestamp():.0f}+{meeting.minutes} {meeting.title} {meeting.place}"
    told = sorted(user.pk for user in page.context["reach"].people)
    guess = hashlib.sha256(f"{told}\n{fact}".encode()).hexdigest()
    assert len(seen_on(page)) == 32 and not guess.startswith(seen_on(page)[:16])


@pytest.mark.parametrize("seen", ["é" * 32, "0" * 100_000, "\x00", "'--"])
def test_a_made_up_seal_is_no_seal(silent, seen):
    assert signed(silent.people[0]).post(silent.address, {"seen": seen}).status_code == 409
    other = planned(state="draft")
    theirs = seen_on(signed(other.lead).get(url("announce", other.meeting.pk)))
    assert signed(silent.people[0]).post(silent.address, {"seen": theirs}).status_code == 409


# --- previews of somebody's mail -------------------------------------------------------------------------------------


def previewed(client, what, person):
    return client.get(reverse("notifications:wording", args=[what]), {"person": person.pk}).content.decode()


def test_a_lead_does_not_read_what_another_cohort_told_the_same_person():
    here = two_cohorts()
    EnrollmentFactory(user=here.trainee.user, cohort=here.other, status=Enrollment.Status.NOT_SELECTED)
    told = {"cohort": "Cohorte ajena", "selected": False, "starts_on": "2027-03-05", "ends_on": "2027-06-05", "url": ""}
    message(here.trainee.user, "selection:9:9", "selection", context=told)
    text = previewed(here.lead.client, "selection", here.trainee.user)
    assert "Ana Pérez" in text and "Cohorte ajena" not in text


def test_a_lead_reads_of_meetings_only_those_they_may_open():
    here, theirs = planned(), planned(cohort=CohortFactory())
    secret = NationalMeeting.objects.create(
        title=NAME, about=NAME, country="MX", created_by=theirs.lead, state="scheduled",
        starts_at=timezone.now() + datetime.timedelta(days=2),
    )  # fmt: skip
    MeetingPerson.objects.create(meeting=secret, user=here.trainee, part="guest")
    telling.bring_up_to_date(here.meeting.pk)
    own = Message.objects.get(user=here.trainee, what="meeting_request")
    client = signed(here.lead)
    assert f"“{own.context['title']}”" in previewed(client, "meeting_request", here.trainee)
    telling.bring_up_to_date(secret.pk)
    assert Message.objects.filter(user=here.trainee, context__title=NAME).exists()
    assert NAME not in previewed(client, "meeting_request", here.trainee)
    assert not Wording.objects.exists()


# --- links that are keys ---------------------------------------------------------------------------------------------


def mailed_links(here):
    return [
        url("answer_by_link", answers.token_for(here.meeting, here.trainee)),
        reverse("notifications:unsubscribe", args=[unsubscribing.token_for(here.trainee, "meetings")]),
        reverse("ics:feed", args=[feed.make(here.trainee)]), reverse("curriculum:invitation", args=["t" * 40]),
    ]  # fmt: skip


def test_no_line_of_the_application_holds_an_address_that_is_a_key(caplog):
    """Django warns with the whole path where a page is refused, missing, or posted without the token of its form."""
    here = planned()
    caplog.handler.addFilter(KeysFilter())
    strict = Client(enforce_csrf_checks=True)
    for path in mailed_links(here):
        for client in (Client(), strict):
            client.post(path, {"answer": "x"})
            client.get(path + "x/")
    key = re.compile(r"[^/]{30,}")
    assert caplog.records and not [
        one for one in caplog.messages if any(key.search(path)[0] in one for path in mailed_links(here)[:2])
    ]
    assert "keys" in settings.LOGGING["handlers"]["console"]["filters"]


def test_no_line_of_gunicorn_holds_an_address_that_is_a_key():
    found = runpy.run_path(str(Path(settings.BASE_DIR) / "gunicorn.conf.py"))
    paths = mailed_links(planned())
    assert not [path for path in paths if not any(part in path for part in found["UNLOGGED"])]
    for path in paths:
        assert without_keys(f"http://x{path}?a=1").count("…") == 1
    assert without_keys("/en/live/5/answer/") == "/en/live/5/answer/"


def test_the_next_page_is_not_told_of_a_link_that_is_a_key():
    paths = mailed_links(planned())
    assert {Client().get(path)["Referrer-Policy"] for path in paths} == {"strict-origin"}
    assert Client().get(reverse("account_login"))["Referrer-Policy"] == "same-origin"


# --- what a device sends later ---------------------------------------------------------------------------------------


def act(client, person, about, say="no", /, **changed):
    now = timezone.now().isoformat()
    sent = {
        "client_id": str(uuid.uuid4()), "person": person.pk, "about": about, "say": say, "client_time": now, "sent_time": now,
    }  # fmt: skip
    return client.post(reverse("live:kept_acts"), json.dumps(sent | changed), content_type="application/json")


def test_an_act_of_one_person_is_never_done_as_another():
    here = planned()
    about = f"meeting:{here.meeting.pk}"
    assert act(signed(here.trainer), here.trainee, about).status_code == 401
    assert act(Client(), here.trainee, about).status_code == 401
    assert not Invitee.objects.exclude(answer="").exists() and not Receipt.objects.exists()


def test_the_id_of_another_persons_act_opens_and_closes_nothing():
    here, same = planned(), str(uuid.uuid4())
    about = f"meeting:{here.meeting.pk}"
    assert act(signed(here.trainee), here.trainee, about, "yes", client_id=same).status_code == 200
    assert act(signed(here.trainer), here.trainer, about, "no", client_id=same).status_code == 200
    assert dict(Invitee.objects.exclude(answer="").values_list("user", "answer")) == {
        here.trainee.pk: "yes",
        here.trainer.pk: "no",
    }


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_page_of_another_site_sends_no_act(kind):
    here = planned()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(here.trainee, backend="django.contrib.auth.backends.ModelBackend")
    assert act(strict, here.trainee, f"meeting:{here.meeting.pk}").status_code == 403
    answer = signed(here.trainee).post(reverse("live:kept_acts"), b"{}", content_type=kind)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"about": f"meeting:{'9' * 40}"}, {"about": "meeting:1\n"}, {"about": "duty:2027-Q1:../x"}, {"person": 10**400},
        {"client_time": "-1"}, {"client_time": "9999-12-31T23:59:59-14:00", "sent_time": "0001-01-01T00:00:00+14:00"},
        {"sent_time": "9999-12-31T23:59:59-14:00", "client_time": "0001-01-01T00:00:00+14:00"}, {"note": "\x00"}, {"note": "\ud800"},
        {"note": "a" * 5000}, {"extra": 1}, {"client_id": "1"}, {"say": ["no"]}, {"client_time": 1e308},
    ],
)  # fmt: skip
def test_rubbish_from_a_device_is_refused_or_harmless(changed):
    here = planned()
    answer = act(signed(here.trainee), here.trainee, f"meeting:{here.meeting.pk}", **changed)
    assert answer.status_code in (200, 400, 401, 404, 409)
    assert (answer.status_code == 200) == Receipt.objects.exists()


def test_somebody_elses_meeting_and_no_meeting_answer_alike():
    here, other = planned(), planned()
    client = signed(here.trainee)
    there, nowhere = (act(client, here.trainee, f"meeting:{pk}") for pk in (other.meeting.pk, 10**9))
    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())
    assert there.status_code == 404
