"""Places: the last one is given once, who waits longest moves up and is told, nobody is thrown out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from notifications import mail
from notifications.models import Message
from sessions import answers, places, schedule
from sessions.models import Invitee, MeetingPerson
from tests.sessions.answering import hours, people_in, place, said_by, stands, yes
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db


def full(count=2, waiting=2):
    """A meeting whose `count` places are taken, with people who wait: `.inside`, `.line`."""
    here = planned(capacity=count)
    people = people_in(here.meeting, count + waiting)
    yes(here.meeting, *people)
    here.inside, here.line = people[:count], people[count:]
    return here


def told(meeting):
    return list(Message.objects.filter(what="place_free").order_by("pk").values_list("user_id", flat=True))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_people_at_once_and_three_places(in_parallel):
    here = planned(capacity=3)
    people = people_in(here.meeting, 10)
    pages = in_parallel(lambda number: said_by(people[number], here.meeting).content.decode())
    rows = Invitee.objects.filter(meeting=here.meeting, answer="yes")
    assert rows.filter(waiting_since=None).count() == 3 and rows.count() == 10
    assert sum("Noted: you take part." in page for page in pages) == 3
    assert sum("All places are taken. You wait, as number" in page for page in pages) == 7
    assert sorted(answers.standing_of(here.meeting, one).line for one in people) == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


def test_the_page_and_the_table_say_who_waits():
    here = full()
    assert "You wait, as number 2." in text_of(signed(here.line[1]).get(url("meeting", here.meeting.pk)))
    page = text_of(signed(here.trainer).get(url("who_comes", here.meeting.pk)))
    assert "waits, number 1" in page and "waits, number 2" in page and "Waiting for a place: 2." in page
    assert "Free places: 0 of 2" in page


@pytest.mark.parametrize("value", ["no", "maybe"])
def test_who_waits_longest_moves_up_when_somebody_leaves(value):
    here = full()
    said_by(here.inside[0], here.meeting, value)
    assert stands(here.meeting, here.line[0]) == ("yes", "page", False)
    assert stands(here.meeting, here.line[1]) == ("yes", "page", True)
    message = Message.objects.get(what="place_free")
    assert (message.user, message.expires_at) == (here.line[0], here.meeting.starts_at)
    said_by(here.inside[0], here.meeting, "yes")  # whoever comes back stands at the end
    assert answers.standing_of(here.meeting, here.inside[0]).line == 2


def test_the_message_is_readable_in_each_language():
    here = full(1, 1)
    said_by(here.inside[0], here.meeting, "no")
    message = Message.objects.select_related("user").get(what="place_free")
    for language in ("es", "pt-br", "en"):
        message.language = language
        subject, text, html = mail.render(message)
        assert here.meeting.title in subject and f"/live/{here.meeting.pk}/" in text and f"/live/{here.meeting.pk}/" in html
        assert len(html) < 40_000


def test_whoever_waits_and_says_no_leaves_the_line():
    here = full()
    said_by(here.line[0], here.meeting, "no")
    assert answers.standing_of(here.meeting, here.line[1]).line == 1
    assert told(here.meeting) == []


def test_saying_yes_again_neither_loses_nor_gains_a_place():
    here = full()
    said_by(here.line[1], here.meeting, "yes", "sigo aquí")
    said_by(here.inside[1], here.meeting, "yes")
    assert [answers.standing_of(here.meeting, one).line for one in (*here.inside, *here.line)] == [0, 0, 1, 2]


def test_removed_people_and_those_who_left_free_their_places_by_themselves():
    here = full(2, 3)
    MeetingPerson.objects.create(meeting=here.meeting, user=here.inside[0], part="removed")
    Enrollment.objects.filter(user=here.inside[1]).update(status="withdrawn")
    Enrollment.objects.filter(user=here.line[0]).update(status="withdrawn")  # waits, and is gone as well
    call_command("give_free_places", verbosity=0)
    call_command("give_free_places", verbosity=0)
    assert told(here.meeting) == [here.line[1].pk, here.line[2].pk]
    assert stands(here.meeting, here.line[0]) == ("yes", "page", True)


@pytest.mark.parametrize(("capacity", "moved"), [(3, 1), (4, 2), (None, 2), (2, 0)])
def test_more_places_move_people_up(capacity, moved):
    here = full()
    place(here.meeting, capacity=capacity)
    call_command("give_free_places", verbosity=0)
    assert told(here.meeting) == [one.pk for one in here.line[:moved]]


@pytest.mark.parametrize("fields", [{"starts_at": hours(-0.1)}, {"state": "cancelled"}, {"state": "live"}, {"state": "ended"}])
def test_nobody_moves_up_once_it_has_begun_or_is_called_off(fields):
    here = full()
    place(here.meeting, capacity=10, **fields)
    call_command("give_free_places", verbosity=0)
    assert told(here.meeting) == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_tell_each_person_once(in_parallel):
    here = full(1, 4)
    place(here.meeting, capacity=3)
    assert sum(in_parallel(lambda _number: places.give_free_places())) == 2
    assert sorted(told(here.meeting)) == sorted(one.pk for one in here.line[:2])


def test_those_who_run_or_present_take_no_place():
    here = planned(capacity=1)
    presenter = people_in(here.meeting, 1)[0]
    MeetingPerson.objects.create(meeting=here.meeting, user=presenter, part="presenter")
    yes(here.meeting, here.trainer, here.lead, presenter, here.trainee)
    assert stands(here.meeting, here.trainee) == ("yes", "page", False)
    yes(here.meeting, presenter)
    assert places.taken(here.meeting) == 1 and answers.standing_of(here.meeting, here.trainee).coming == 4
    late = people_in(here.meeting, 1)[0]
    yes(here.meeting, late)
    MeetingPerson.objects.create(meeting=here.meeting, user=late, part="presenter")  # named while waiting: needs none any more
    call_command("give_free_places", verbosity=0)
    yes(here.meeting, here.lead)
    assert stands(here.meeting, late) == ("yes", "page", False) and told(here.meeting) == []


def test_fewer_places_than_are_taken_are_refused():
    here = full()
    places.check_capacity(here.meeting, None)
    places.check_capacity(here.meeting, 2)
    with pytest.raises(Refused) as refused:
        places.check_capacity(here.meeting, 1)
    assert refused.value.field == "capacity" and "2" in refused.value.text


def test_changing_a_meeting_refuses_fewer_places_than_are_taken():
    here = full()
    with pytest.raises(Refused):
        schedule.change(here.meeting, capacity=1)
    here.meeting.refresh_from_db()
    assert here.meeting.capacity == 2
    assert schedule.change(here.meeting, capacity=3).capacity == 3
    assert schedule.change(here.meeting, capacity=3, title="Otra").title == "Otra"


def test_who_waits_comes_before_a_new_answer():
    here = full(1, 1)
    place(here.meeting, capacity=2)
    late = people_in(here.meeting, 1)[0]
    yes(here.meeting, late)
    assert stands(here.meeting, here.line[0])[2] is False and stands(here.meeting, late)[2] is True


@pytest.mark.services
@pytest.mark.timeout(300)
def test_the_races_on_postgresql(postgresql_url):
    """There the locks are of rows, not of the whole file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {
        "DATABASE_URL": postgresql_url
    }
    files = ["tests/sessions/test_places.py", "tests/sessions/test_answers.py"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *files,
        "-k",
        "not postgresql",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--tb=short",
    ]
    run = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) > 40
