"""What leads see of messages: of their own people only, what became of each, never what it says."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Certificate, Enrollment
from notifications import centre, outbox, tidying
from notifications.models import Bounce, Message
from tests.factories import EnrollmentFactory, UserFactory
from tests.notifications.people import message, person, two_cohorts

pytestmark = pytest.mark.django_db
PAGES = ("centre", "upcoming", "bounces", "wordings")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return two_cohorts()


def url(name="centre", *args):
    return reverse(f"notifications:{name}", args=args)


def page(client, name="centre", **query):
    response = client.get(url(name), query)
    assert response.status_code == 200
    return response.content.decode()


def bounce(user, **fields):
    return Bounce.objects.create(user=user, to=user.email, **{"kind": "permanent", "status": "5.1.1", **fields})


# --- who ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_only_leads_have_a_message_centre(world, name):
    assert Client().get(url(name)).status_code == 302
    for nobody in (world.trainee, world.trainer, person()):
        assert nobody.client.get(url(name)).status_code == 404
    assert world.lead.client.get(url(name)).status_code == 200
    assert person(is_superuser=True).client.get(url(name)).status_code == 200


def test_a_lead_sees_the_people_of_the_cohort_and_nobody_else(world):
    message(world.trainee.user, "1")
    message(world.other_trainee.user, "2")
    mine = page(world.lead.client)
    assert "Ana Pérez" in mine
    assert "Bruno Lima" not in mine
    theirs = page(world.other_lead.client)
    assert "Ana Pérez" not in theirs
    assert page(world.lead.client, person=world.other_trainee.user.email).count("<tr") == 0
    operator = page(person(is_superuser=True, language="en").client)
    assert "Ana Pérez" in operator
    assert "Bruno Lima" in operator


def test_whoever_was_transferred_is_the_other_leads(world):
    message(world.trainee.user, "1")
    Enrollment.objects.filter(user=world.trainee.user).update(status="transferred")
    assert "Ana Pérez" not in page(world.lead.client)


def test_of_mentors_of_other_cohorts_only_the_meetings_are_seen(world):
    mentor = world.other_trainee.user
    enrollment = Enrollment.objects.get(user=mentor)
    Certificate.objects.create(
        enrollment=enrollment, code="MENTOR", name=mentor.full_name, curriculum_key=world.other.curriculum_key,
        curriculum_title="FLS", curriculum_version="1", hours=20, language="es",
    )  # fmt: skip
    message(mentor, "meeting", what="reminder_day")
    message(mentor, "study", what="assignment_judged")
    rows = set(Message.objects.accessible_to(world.lead.user).values_list("dedupe_key", flat=True))
    assert rows == {"meeting"}


def test_nobody_sees_when_others_sign_in_or_who_has_not_answered_anonymously(world):
    message(world.trainee.user, "code", what="account")
    message(world.trainee.user, "anonymous", what="wave_nudge", context={"promise": "anonymous"})
    message(world.trainee.user, "named", what="wave_nudge", context={"promise": "identified"})
    message(world.trainee.user, "unknown", what="wave_nudge")
    keys = set(Message.objects.accessible_to(world.lead.user).values_list("dedupe_key", flat=True))
    assert keys == {"named"}


def test_a_digest_with_nothing_but_an_anonymous_reminder_would_tell_as_well(world):
    """Nobody else's digest of that day stands in the log: who has one had not answered."""
    user = world.trainee.user
    for name, lines in (("alone", ["anonymous"]), ("mixed", ["anonymous", "identified"]), ("plain", ["identified"])):
        digest = message(user, name, what="digest", sent_at=timezone.now())
        for number, promise in enumerate(lines):
            facts = {"what": "wave_nudge", "context": {"promise": promise}, "settled_as": "digest", "digest": digest}
            message(user, f"{name}-{promise}-{number}", **facts)
    keys = set(Message.objects.accessible_to(world.lead.user).values_list("dedupe_key", flat=True))
    assert keys == {"mixed", "mixed-identified-1", "plain", "plain-identified-0"}
    tidying.tidy(timezone.now() + datetime.timedelta(days=400))
    assert set(Message.objects.accessible_to(world.lead.user).values_list("dedupe_key", flat=True)) <= keys, (
        "forgotten words reveal nothing"
    )


def test_what_came_back_for_the_time_being_does_not_tell_either(world):
    user, made = world.trainee.user, {}
    for name, what, promise in (
        ("code", "account", ""),
        ("anonymous", "wave_nudge", "anonymous"),
        ("named", "wave_nudge", "identified"),
        ("other", "personal", ""),
    ):
        about = message(user, name, what=what, context={"promise": promise})
        for kind in ("temporary", "permanent"):
            made[name, kind] = Bounce.objects.create(message=about, user=user, to=user.email, kind=kind).pk
    made["without", "temporary"] = Bounce.objects.create(user=user, to=user.email, kind="temporary").pk
    seen = set(Bounce.objects.accessible_to(world.lead.user).values_list("pk", flat=True))
    hidden = {key for key, pk in made.items() if pk not in seen}
    assert hidden == {("code", "temporary"), ("anonymous", "temporary")}


def test_what_a_message_says_is_never_shown(world):
    facts = {"secret_url": "http://testserver/es/invitation/SECRETTOKEN/", "cohort": "COHORTNAME"}
    for number, state in enumerate(
        [{}, {"attempts": 6, "last_error": "550 SERVERWORDS"}, {"due_at": timezone.now() + datetime.timedelta(days=1)}]
    ):
        message(world.trainee.user, str(number), what="invitation", context=facts, calendar="BEGIN:VCALENDAR", **state)
    bounce(world.trainee.user, said="SERVERWORDS")
    for name in PAGES:
        text = page(world.lead.client, name)
        for hidden in ("SECRETTOKEN", "COHORTNAME", "SERVERWORDS", "VCALENDAR"):
            assert hidden not in text


# --- states ------------------------------------------------------------------------------------------------------------------
def rows_in_every_state(user):
    now = timezone.now()
    long_ago = now - datetime.timedelta(hours=1)
    made = {
        "sent": {"sent_at": now},
        "sending": {"sent_at": now, "last_error": outbox.SENDING},
        "doubt": {"sent_at": long_ago, "handed_at": long_ago, "last_error": outbox.SENDING},
        "failed": {"attempts": outbox.MAX_ATTEMPTS, "last_error": "x"},
        "again": {"attempts": 1, "last_error": "x"},
        "planned": {"due_at": now + datetime.timedelta(hours=1)},
        "waiting": {},
        "gathered": {"in_digest": True},
        "unwanted": {"settled_as": "unwanted"},
        "bounced": {"settled_as": "bounced", "attempts": 1},
        "expired": {"settled_as": "expired"},
        "digest": {"settled_as": "digest", "in_digest": True},
        "withdrawn": {"settled_as": "withdrawn"},
    }
    for key, fields in made.items():
        message(user, key, **fields)
    return set(made)


def test_every_state_has_a_row_and_every_row_its_state(world):
    made = rows_in_every_state(world.trainee.user)
    assert made == set(centre.BY_STATE)
    shown = {row.dedupe_key: row.state for row in centre.log(world.lead.user)}
    assert shown == {key: key for key in made - {"planned"}}
    text = page(world.lead.client)
    for state in centre.STATES:
        assert str(state.words) in text
        shown = page(world.lead.client, state=state.key)
        assert shown.count('scope="row"') == 1


def test_the_log_is_filtered_by_kind_and_person(world):
    message(world.trainee.user, "1", what="wave_open")
    message(world.trainee.user, "2", what="invitation")
    message(world.lead.user, "3", what="invitation")
    assert page(world.lead.client, kind="invitation").count('scope="row"') == 2
    assert page(world.lead.client, kind="invitation", person="ana pérez".replace("é", "é")).count('scope="row"') == 1
    assert "No message fits" in page(world.lead.client, person="nobody of this name")


@pytest.mark.parametrize("query", [{"kind": "account"}, {"kind": "x" * 500}, {"state": "lost"}, {"person": "x" * 101}])
def test_filters_that_make_no_sense_are_said(world, query):
    response = world.lead.client.get(url(), query)
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_odd_pages_and_signs_are_no_error(world):
    message(world.trainee.user, "1")
    for query in ({"page": "-4"}, {"page": "x"}, {"page": "9" * 50}, {"person": "%_'\"\\"}):
        assert world.lead.client.get(url(), query).status_code == 200
    assert world.lead.client.get(url() + "?person=%00").status_code == 400


def test_empty_states_say_what_will_appear(world):
    assert "Nothing has been sent yet" in page(world.lead.client)
    assert "No messages are planned" in page(world.lead.client, "upcoming")
    assert "No mail came back" in page(world.lead.client, "bounces")


def test_whether_texts_are_set_up_is_said(world, settings):
    assert "are not set up" in page(world.lead.client)
    settings.TEXT_CHANNELS = {"sms": "notifications.texts.Console"}
    assert "are set up" in page(world.lead.client)


# --- batches, schedule ---------------------------------------------------------------------------------------------------------
def test_a_batch_says_how_many_of_how_many(world):
    now = timezone.now() - datetime.timedelta(minutes=1)
    for number in range(40):
        user = EnrollmentFactory(cohort=world.cohort).user
        state = {"sent_at": now} if number < 34 else {"settled_as": "unwanted"} if number < 36 else {}
        message(user, str(number), due_at=now, **state)
    message(world.trainee.user, "gone", due_at=now, settled_as="withdrawn")
    text = page(world.lead.client)
    assert "34 of 40 sent" in text
    assert "4: waiting" in text
    assert "2: not wanted" in text


def test_days_of_batches_are_those_of_the_reader(world):
    world.lead.user.time_zone = "America/Mexico_City"
    world.lead.user.save()
    evening = datetime.datetime(2027, 3, 6, 4, 0, tzinfo=datetime.UTC)  # 22:00 of the fifth in Mexico
    message(world.trainee.user, "1", due_at=evening)
    [batch] = centre.batches(world.lead.user, world.lead.user.zone, now=evening + datetime.timedelta(hours=1))
    assert batch.day == datetime.date(2027, 3, 5)


def test_the_schedule_lists_what_is_planned_next_first(world):
    now = timezone.now()
    for hours in (3, 1, 2):
        message(world.trainee.user, f"in-{hours}", due_at=now + datetime.timedelta(hours=hours))
    message(world.trainee.user, "past")
    message(world.trainee.user, "off", due_at=now + datetime.timedelta(hours=1), settled_as="withdrawn")
    assert [row.dedupe_key for row in centre.upcoming(world.lead.user)] == ["in-1", "in-2", "in-3"]
    assert page(world.lead.client, "upcoming").count('scope="row"') == 3


@pytest.mark.parametrize("name", ["centre", "upcoming", "bounces"])
def test_pages_are_constant_in_queries(world, name, django_assert_num_queries):
    later = timezone.now() + datetime.timedelta(hours=1)

    def rows(count):
        for _ in range(count):
            user = EnrollmentFactory(cohort=world.cohort).user
            message(user, f"{user.pk}", by=UserFactory())
            message(user, f"{user.pk}-later", due_at=later, by=UserFactory())
            bounce(user)

    rows(1)
    page(world.lead.client, name)
    with django_assert_num_queries(12, exact=False) as few:
        page(world.lead.client, name)
    rows(30)
    with django_assert_num_queries(len(few)):
        page(world.lead.client, name)


# --- bounces -------------------------------------------------------------------------------------------------------------------
def test_a_bounce_names_the_person_and_what_to_do_and_is_cleared_with_a_name(world):
    old, new = bounce(world.trainee.user), bounce(world.trainee.user, status="5.2.1")
    text = page(world.lead.client, "bounces")
    assert "Ana Pérez" in text
    assert "5.1.1" in text
    assert world.lead.client.post(url("bounce_clear", new.pk)).status_code == 302
    for row in (old, new):
        row.refresh_from_db()
        assert (row.cleared_by, bool(row.cleared_at)) == (world.lead.user, True)
    assert "No mail came back" in page(world.lead.client, "bounces")


def test_clearing_twice_keeps_the_first_name(world):
    row = bounce(world.trainee.user)
    world.lead.client.post(url("bounce_clear", row.pk))
    second = person(world.cohort, "lead", language="en")
    assert second.client.post(url("bounce_clear", row.pk), follow=True).status_code == 200
    row.refresh_from_db()
    assert row.cleared_by == world.lead.user


def test_others_cannot_clear_a_bounce(world):
    row = bounce(world.trainee.user)
    for nobody in (world.trainee, world.trainer, world.other_lead):
        assert nobody.client.post(url("bounce_clear", row.pk)).status_code == 404
    assert world.lead.client.get(url("bounce_clear", row.pk)).status_code == 405
    assert world.lead.client.post(url("bounce_clear", 10**30)).status_code == 404
    row.refresh_from_db()
    assert row.cleared_at is None
