"""Breakout groups: planned by hand or dealt out, opened, called back, closed; who is told, and what is refused."""

import pytest
from django.utils import timezone

from curriculum.models import Enrollment
from sessions import room
from sessions.acts.groups import are_at_work, jitter
from sessions.models import Event, Group, GroupMember, Lease, Meeting, MeetingPerson, Stream
from sessions.seats import seat_for
from tests.factories import UserFactory
from tests.sessions.boards import refused
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of()


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


@pytest.fixture
def people(meeting):
    return [person_in(meeting) for _number in range(4)]


def plan(meeting, trainer, *groups, **fields):
    body = {"groups": [{"people": [user.pk for user in group], **fields} for group in groups]}
    do(meeting, trainer, "group.plan", body)
    return list(Group.objects.filter(dissolved_at=None))


def told(meeting, user):
    """The groups that the person was sent to, in order."""
    events = Event.objects.filter(stream__meeting=meeting, stream__name=f"user:{user.pk}", kind="you.moved").order_by("seq")
    return [event.body["group"] for event in events]


def the_state_equals_the_rows(meeting):
    folded = {int(key): [one["u"] for one in group["people"]] for key, group in state_of(meeting).get("groups", {}).items()}
    rows = {
        group.pk: list(group.members.order_by("pk").values_list("user_id", flat=True))
        for group in Group.objects.filter(dissolved_at=None)
    }
    assert folded == rows


# --- planning ----------------------------------------------------------------------------------------------------------


def test_a_plan_by_hand_is_told_to_all_and_moves_nobody_yet(meeting, trainer, people):
    first, second = plan(meeting, trainer, people[:2], people[2:], task="¿Qué funcionó?")
    state = state_of(meeting)["groups"]
    assert [group["number"] for group in state.values()] == [1, 2]
    assert state[str(first.pk)]["task"] == "¿Qué funcionó?"
    assert [one["n"] for one in state[str(second.pk)]["people"]] == [user.full_name for user in people[2:]]
    assert seat_for(people[0], meeting).group == first.pk
    assert told(meeting, people[0]) == []
    assert not are_at_work(meeting.pk)
    the_state_equals_the_rows(meeting)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"groups": []},
        {"count": 0},
        {"count": 51},
        {"count": "2"},
        {"count": 2, "groups": [{"people": []}]},
        {"groups": [{"people": [], "name": "x" * 81}]},
        {"groups": [{"people": [], "task": "x" * 501}]},
        {"groups": [{"people": ["1"]}]},
        {"groups": [{"people": [999_999]}]},
        {"groups": [{}]},
        {"groups": [{"people": []}] * 51},
    ],
)
def test_a_plan_that_cannot_be_is_refused(meeting, trainer, people, body):
    refused("invalid", meeting, trainer, "group.plan", body)
    assert not Group.objects.exists()


def test_nobody_is_in_two_groups_and_strangers_in_none(meeting, trainer, people):
    ana = people[0].pk
    refused("invalid", meeting, trainer, "group.plan", {"groups": [{"people": [ana]}, {"people": [ana]}]})
    refused("invalid", meeting, trainer, "group.plan", {"groups": [{"people": [ana, ana]}]})
    refused("invalid", meeting, trainer, "group.plan", {"groups": [{"people": [UserFactory().pk]}]})
    MeetingPerson.objects.create(meeting=meeting, user=people[0], part="removed")
    refused("invalid", meeting, trainer, "group.plan", {"groups": [{"people": [ana]}]})
    Enrollment.objects.filter(user=people[1]).update(status="withdrawn")
    refused("invalid", meeting, trainer, "group.plan", {"groups": [{"people": [people[1].pk]}]})
    refused("forbidden", meeting, people[2], "group.plan", {"count": 2})


def test_groups_are_dealt_out_evenly_with_languages_and_countries_mixed(meeting, trainer):
    lands = [("es", "MX"), ("es", "CO"), ("pt-br", "BR")]
    for language, country in lands * 4:
        person_in(meeting, user__language=language, user__country=country)
    do(meeting, trainer, "group.plan", {"count": 4, "task": "Elijan un reto"})
    for group in Group.objects.all():
        users = [member.user for member in group.members.select_related("user")]
        assert sorted((user.language, str(user.country)) for user in users) == sorted(lands)
        assert group.task == "Elijan un reto"
    before = state_of(meeting)["groups"]
    do(meeting, trainer, "group.plan", {"count": 4})
    assert state_of(meeting)["groups"] == before
    refused("invalid", meeting, trainer, "group.plan", {"count": 13})
    the_state_equals_the_rows(meeting)


def test_sizes_differ_by_one_at_most(meeting, trainer):
    for _number in range(11):
        person_in(meeting)
    do(meeting, trainer, "group.plan", {"count": 3})
    assert sorted(group.members.count() for group in Group.objects.all()) == [3, 4, 4]


def test_those_who_are_here_are_dealt_out_and_without_them_all_who_belong_but_never_those_who_run_it(meeting, trainer, people):
    MeetingPerson.objects.create(meeting=meeting, user=people[3], part="host")
    do(meeting, trainer, "group.plan", {"count": 2})
    assert set(GroupMember.objects.values_list("user_id", flat=True)) == {user.pk for user in people[:3]}
    now = timezone.now()
    for number, (user, device) in enumerate(
        [(people[0], "browser"), (people[1], "polling"), (people[2], "screen"), (trainer, "browser")]
    ):
        Lease.objects.create(meeting=meeting, user=user, conn=f"c{number}", tab="t", device=device)
    do(meeting, trainer, "group.plan", {"count": 2})
    assert set(GroupMember.objects.values_list("user_id", flat=True)) == {user.pk for user in people[:2]}
    Lease.objects.filter(user=people[1]).update(closed_at=now)
    refused("invalid", meeting, trainer, "group.plan", {"count": 2})
    the_state_equals_the_rows(meeting)


# --- at work -----------------------------------------------------------------------------------------------------------


def test_opened_everybody_is_sent_to_their_group_once_and_back_when_it_closes(meeting, trainer, people):
    first, second = plan(meeting, trainer, people[:2], people[2:])
    before = timezone.now().timestamp() * 1000
    do(meeting, trainer, "group.open", {"minutes": 10})
    breakout = state_of(meeting)["breakout"]
    assert breakout["state"] == "open" and 600_000 <= breakout["ends_at"] - before < 620_000
    assert 1 <= breakout["jitter"] <= 15
    assert are_at_work(meeting.pk)
    do(meeting, trainer, "group.open", {"minutes": 20})
    assert [told(meeting, user) for user in people] == [[first.pk], [first.pk], [second.pk], [second.pk]]
    do(meeting, trainer, "group.recall")
    do(meeting, trainer, "group.close")
    assert [told(meeting, user)[1:] for user in people] == [[None]] * 4
    assert state_of(meeting)["breakout"]["state"] == "closed"
    assert state_of(meeting, f"user:{people[0].pk}")["me"] == {"group": None}
    assert not are_at_work(meeting.pk)


def test_without_minutes_there_is_no_deadline(meeting, trainer, people):
    plan(meeting, trainer, people)
    do(meeting, trainer, "group.open")
    assert state_of(meeting)["breakout"]["ends_at"] is None
    for minutes in (0, 241, "5", 1.5):
        refused("invalid", meeting, trainer, "group.open", {"minutes": minutes})


def test_called_back_in_thirty_seconds_or_when_the_time_is_up_if_that_is_sooner(meeting, trainer, people):
    plan(meeting, trainer, people)
    do(meeting, trainer, "group.open", {"minutes": 10})
    before = timezone.now().timestamp() * 1000
    do(meeting, trainer, "group.recall")
    ends = state_of(meeting)["breakout"]["ends_at"]
    assert 29_000 <= ends - before < 45_000
    do(meeting, trainer, "group.recall")
    assert state_of(meeting)["breakout"]["ends_at"] == ends
    do(meeting, trainer, "group.open", {"minutes": 1})
    Event.objects.filter(kind="group.open").update(body={"state": "open", "ends_at": round(before) + 5000, "jitter": 2})
    do(meeting, trainer, "group.recall")
    assert state_of(meeting)["breakout"]["ends_at"] == round(before) + 5000


def test_what_was_not_opened_is_neither_called_back_nor_closed(meeting, trainer, people):
    refused("invalid", meeting, trainer, "group.open")
    plan(meeting, trainer, [])
    refused("invalid", meeting, trainer, "group.open")
    plan(meeting, trainer, people)
    refused("closed", meeting, trainer, "group.recall")
    refused("closed", meeting, trainer, "group.close")
    for kind in ("group.open", "group.recall", "group.close"):
        refused("forbidden", meeting, people[0], kind)
    do(meeting, trainer, "group.open")
    do(meeting, trainer, "group.close")
    refused("closed", meeting, trainer, "group.close")
    Meeting.objects.filter(pk=meeting.pk).update(state="scheduled", started_at=None)
    refused("closed", meeting, trainer, "group.open")


def test_nobody_writes_in_the_chat_of_a_group_that_is_not_at_work(meeting, trainer, people):
    group = plan(meeting, trainer, people)[0]
    here = {"text": "¿Hay alguien?"}
    for user in (people[0], trainer):
        assert "chat de toda la sala" in str(refused("closed", meeting, user, "chat.post", here, st=f"group:{group.pk}").text)
    do(meeting, trainer, "group.open")
    do(meeting, people[0], "chat.post", here, st=f"group:{group.pk}")
    do(meeting, trainer, "group.recall")
    do(meeting, trainer, "chat.post", here, st=f"group:{group.pk}")
    do(meeting, trainer, "group.close")
    for user in (people[0], trainer):
        refused("closed", meeting, user, "chat.post", here, st=f"group:{group.pk}")
    assert len(state_of(meeting, f"group:{group.pk}")["chat"]) == 2
    do(meeting, people[0], "chat.post", here)


def test_a_new_plan_while_they_work_moves_only_those_whose_group_has_changed(meeting, trainer, people):
    first, second = plan(meeting, trainer, people[:2], people[2:])
    do(meeting, trainer, "group.open")
    do(meeting, people[2], "chat.post", {"text": "Hola"}, st=f"group:{second.pk}")
    again = plan(meeting, trainer, [people[0], people[2]], [people[3]])
    assert again == [first, second]
    assert [told(meeting, user)[1:] for user in people] == [[], [None], [first.pk], []]
    assert seat_for(people[1], meeting).group is None
    the_state_equals_the_rows(meeting)
    plan(meeting, trainer, people)
    second.refresh_from_db()
    assert second.dissolved_at
    assert state_of(meeting, f"group:{second.pk}")["chat"]
    assert list(state_of(meeting)["groups"]) == [str(first.pk)]


def test_after_closing_a_new_plan_makes_new_groups_and_an_old_one_opens_again(meeting, trainer, people):
    first = plan(meeting, trainer, people)[0]
    do(meeting, trainer, "group.open")
    do(meeting, trainer, "group.close")
    do(meeting, trainer, "group.open")
    assert told(meeting, people[0]) == [first.pk, None, first.pk]
    do(meeting, trainer, "group.close")
    new = plan(meeting, trainer, people)[0]
    assert (new.pk != first.pk, new.number, Group.objects.get(pk=first.pk).dissolved_at is None) == (True, 1, False)
    the_state_equals_the_rows(meeting)


def test_who_comes_late_is_put_into_a_group_and_told_if_it_is_at_work(meeting, trainer, people):
    first, second = plan(meeting, trainer, people[:1], people[1:2])
    do(meeting, trainer, "group.place", {"id": people[2].pk, "group": first.pk})
    assert told(meeting, people[2]) == []
    do(meeting, trainer, "group.open")
    do(meeting, trainer, "group.place", {"id": people[3].pk, "group": second.pk})
    do(meeting, trainer, "group.place", {"id": people[2].pk, "group": second.pk})
    do(meeting, trainer, "group.place", {"id": people[0].pk, "group": None})
    assert [told(meeting, user) for user in people] == [[first.pk, None], [second.pk], [first.pk, second.pk], [second.pk]]
    the_state_equals_the_rows(meeting)


def test_places_that_do_not_exist_are_refused(meeting, trainer, people):
    group = plan(meeting, trainer, people[:2])[0]
    other = Group.objects.create(meeting=meeting_of(), number=1)
    refused("invalid", meeting, trainer, "group.place", {"id": people[2].pk, "group": other.pk})
    refused("invalid", meeting, trainer, "group.place", {"id": UserFactory().pk, "group": group.pk})
    refused("invalid", meeting, trainer, "group.place", {"id": people[2].pk})
    refused("forbidden", meeting, people[2], "group.place", {"id": people[2].pk, "group": group.pk})
    Group.objects.filter(pk=group.pk).update(dissolved_at=timezone.now())
    refused("invalid", meeting, trainer, "group.place", {"id": people[2].pk, "group": group.pk})


def test_the_end_of_the_meeting_closes_the_groups(meeting, trainer, people):
    plan(meeting, trainer, people)
    do(meeting, trainer, "group.open")
    do(meeting, trainer, "session.end")
    assert state_of(meeting)["breakout"]["state"] == "closed"
    assert told(meeting, people[0])[-1] is None


# --- many --------------------------------------------------------------------------------------------------------------


def test_three_hundred_people_move_with_as_many_queries_as_thirty(meeting, trainer, django_assert_max_num_queries):
    users = [person_in(meeting) for _number in range(300)]
    plan(meeting, trainer, *[users[number::10] for number in range(10)])
    seat = seat_for(trainer, meeting)
    with django_assert_max_num_queries(30):
        room.perform(seat, {"cid": "open-them-all", "st": "main", "k": "group.open", "b": {"minutes": 5}})
    assert Event.objects.filter(kind="you.moved").count() == 300
    assert set(Stream.objects.filter(name__startswith="user:").values_list("last_seq", flat=True)) == {1}
    assert state_of(meeting)["breakout"]["jitter"] == 15
    assert jitter(1) == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_hosts_plan_and_place_at_once_and_each_person_is_in_one_group(in_parallel):
    meeting = meeting_of()
    trainer, people = person_in(meeting, "trainer"), [person_in(meeting) for _number in range(6)]
    groups = plan(meeting, trainer, people[:3], people[3:])
    do(meeting, trainer, "group.open")

    def act(number):
        if number % 2:
            return do(meeting, trainer, "group.place", {"id": people[number % 6].pk, "group": groups[number % 4 // 2].pk})
        return do(meeting, trainer, "group.plan", {"count": 2})

    results = in_parallel(act)
    assert not [one for one in results if isinstance(one, Exception)]
    assert GroupMember.objects.count() == 6
    the_state_equals_the_rows(meeting)
    for user in people:
        assert told(meeting, user)[-1] == GroupMember.objects.get(user=user).group_id
