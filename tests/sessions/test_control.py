"""The control room and the screens, through the door people use."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sessions.models import Meeting, MeetingPerson
from tests.factories import UserFactory
from tests.sessions.controlling import SCREENS, page, prepared, said, segment, signed_in
from tests.sessions.rooms import do, meeting_of, new_cid, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of(title="From finding to treating")


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer", user__full_name="Ana Ruiz")


# --- who may ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_strangers_find_nothing_participants_may_not_and_hosts_may(meeting, trainer, screen):
    page(signed_in(UserFactory()), meeting, screen, status=404)
    page(signed_in(person_in(meeting)), meeting, screen, status=403)
    page(signed_in(trainer), meeting, screen)
    asked = UserFactory()
    MeetingPerson.objects.create(meeting=meeting, user=asked, part="host")
    page(signed_in(asked), meeting, screen)
    assert "/accounts/login/" in Client().get(f"/en/live/{meeting.pk}/{screen}/").url


@pytest.mark.parametrize("screen", SCREENS)
def test_a_meeting_that_is_not_there_is_not_found(trainer, screen):
    assert signed_in(trainer).get(f"/en/live/999999/{screen}/").status_code == 404


def test_groups_by_hand_are_for_hosts_only(meeting, trainer):
    address = f"/en/live/{meeting.pk}/control/groups/"
    assert signed_in(UserFactory()).post(address).status_code == 404
    assert signed_in(person_in(meeting)).post(address).status_code == 403
    assert signed_in(trainer).get(address).status_code == 405


@pytest.mark.parametrize("state", [state for state in Meeting.State if state != "draft"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_of_a_meeting_has_its_page(meeting, trainer, state, screen):
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state=state)
    assert "From finding to treating" in page(signed_in(trainer), meeting, screen)


# --- run of show -------------------------------------------------------------------------------------------------------------


def test_the_run_of_show_says_what_is_done_what_is_left_and_how_late_it_is(meeting, trainer):
    now = timezone.now()
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(
        starts_at=now - timedelta(minutes=13), time_zone="America/Bogota"
    )
    first, second = segment(meeting, "Welcome"), segment(meeting, "Case", 20)
    segment(meeting, "Closing")
    do(meeting, trainer, "agenda.goto", {"segment": first.pk})
    do(meeting, trainer, "agenda.goto", {"segment": second.pk})
    words = said(page(signed_in(trainer), meeting))
    assert "Done: Welcome" in words and "20 min left" in words
    assert "3 min late, end expected" in words and "Bogot" in words and "Next: Closing" in words


def test_the_button_goes_to_the_next_item_without_scripts(meeting, trainer):
    first = segment(meeting, "Welcome")
    client = signed_in(trainer)
    html = page(client, meeting)
    button = re.search(r'<button[^>]*form="acts-run" name="act" value="([^"]+)"[^>]*data-key="n"', html)
    form = re.search(r'<form id="acts-run".*?</form>', html, re.S).group()
    fields = dict(re.findall(r'name="(cid|back)" value="([^"]*)"', form))
    answer = client.post(f"/en/live/{meeting.pk}/acts/", fields | {"act": button.group(1).replace("&quot;", '"')})
    assert answer.status_code == 302 and answer.url == f"/en/live/{meeting.pk}/control/#run"
    assert state_of(meeting)["agenda"]["current"] == first.pk
    assert "This is the last item." in said(page(client, meeting))


def test_before_the_start_the_checklist_says_what_is_missing(trainer, meeting):
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="scheduled", started_at=None, engine="link")
    words = said(page(signed_in(trainer), meeting))
    assert "There is no address of the video meeting." in words and "No poll is ready." in words
    assert "There is no attendance code." in words and "Start the meeting" in words


def test_a_draft_is_not_started_here(trainer, meeting):
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="draft", started_at=None)
    words = said(page(signed_in(trainer), meeting))
    assert "Schedule it before you start it." in words and "Start the meeting" not in words


# --- stage -------------------------------------------------------------------------------------------------------------------


def test_a_poll_with_names_shows_counts_and_who_is_missing(meeting, trainer):
    voter, other = person_in(meeting, user__full_name="Voted Already"), person_in(meeting, user__full_name="Not Yet Voted")
    poll = prepared(meeting, trainer, "identified")
    do(meeting, trainer, "poll.open", {"id": poll.pk})
    key = state_of(meeting)["polls"][str(poll.pk)]["question"]["choices"][0]["key"]
    do(meeting, voter, "poll.vote", {"id": poll.pk, "value": key})
    html = page(signed_in(trainer), meeting)
    missing = said(re.search(r'id="not-voted".*?</details>', html, re.S).group())
    assert "1 person has not voted" in missing and other.full_name in missing and voter.full_name not in missing
    assert 'width="100.0%"' in html and "Votes: 1 of 2." in said(html)


def test_an_open_anonymous_poll_shows_no_counts_to_anybody(meeting, trainer):
    voter = person_in(meeting)
    poll = prepared(meeting, trainer)
    do(meeting, trainer, "poll.open", {"id": poll.pk})
    key = state_of(meeting)["polls"][str(poll.pk)]["question"]["choices"][0]["key"]
    do(meeting, voter, "poll.vote", {"id": poll.pk, "value": key})
    for screen in SCREENS:
        assert "cr-bars" not in page(signed_in(trainer), meeting, screen)
    assert "not even you, sees the counts" in said(page(signed_in(trainer), meeting))


def test_results_reach_the_projector_when_they_are_shown_and_not_before(meeting, trainer):
    poll = prepared(meeting, trainer)
    do(meeting, trainer, "poll.open", {"id": poll.pk})
    key = state_of(meeting)["polls"][str(poll.pk)]["question"]["choices"][1]["key"]
    for _number in range(5):
        do(meeting, person_in(meeting), "poll.vote", {"id": poll.pk, "value": key})
    client = signed_in(trainer)
    assert "Votes: 5" in said(page(client, meeting, "projector"))
    do(meeting, trainer, "poll.close", {"id": poll.pk})
    assert "cr-bars" not in page(client, meeting, "projector") and "cr-bars" in page(client, meeting)
    do(meeting, trainer, "poll.reveal", {"id": poll.pk})
    html = page(client, meeting, "projector")
    assert [said(row) for row in re.findall(r"<li>.*?</li>", html, re.S)] == ["Wards 0", "Clinic 5"]


def test_the_stage_follows_the_last_act(meeting, trainer):
    client = signed_in(trainer)
    poll = prepared(meeting, trainer)
    talk, board = segment(meeting, "A talk"), segment(meeting, "On the board", kind="board")

    def on_stage():
        html = page(client, meeting, "projector")
        return next(name for name in ("pj-poll", "pj-board", "pj-slide", "pj-agenda") if f'id="{name}' in html)

    assert on_stage() == "pj-agenda"
    do(meeting, trainer, "poll.open", {"id": poll.pk})
    assert on_stage() == "pj-poll"
    do(meeting, trainer, "board.setup")
    assert on_stage() == "pj-board"
    do(meeting, trainer, "agenda.goto", {"segment": talk.pk})
    assert on_stage() == "pj-agenda"
    do(meeting, trainer, "agenda.goto", {"segment": board.pk})
    assert on_stage() == "pj-board"
    do(meeting, trainer, "poll.close", {"id": poll.pk})
    assert on_stage() == "pj-board"


def test_groups_by_hand(meeting, trainer):
    ana, eva, luz = (person_in(meeting) for _number in range(3))
    fields = {f"person-{ana.pk}": "2", f"person-{eva.pk}": "1", f"person-{luz.pk}": "2", "person-x": "1", "cid": new_cid()}
    answer = signed_in(trainer).post(f"/en/live/{meeting.pk}/control/groups/", fields)
    assert answer.url == f"/en/live/{meeting.pk}/control/#stage"
    groups = sorted(state_of(meeting)["groups"].values(), key=lambda group: group["number"])
    assert [{person["u"] for person in group["people"]} for group in groups] == [{eva.pk}, {ana.pk, luz.pk}]


@pytest.mark.parametrize("fields", [{}, {"person-1": "0"}, {"person-9999999": "1"}, {"person-" + "9" * 30: "9" * 30}])
def test_bad_groups_by_hand_are_refused_in_words(meeting, trainer, fields):
    client = signed_in(trainer)
    client.post(f"/en/live/{meeting.pk}/control/groups/", fields)
    assert 'class="note err"' in page(client, meeting)
    assert not state_of(meeting).get("groups")


def test_a_group_is_visited_and_one_that_is_not_there_is_not(meeting, trainer):
    ana = person_in(meeting, user__full_name="Ana in Group")
    do(meeting, trainer, "group.plan", {"groups": [{"people": [ana.pk]}]})
    do(meeting, trainer, "group.open", {"minutes": 5})
    group = next(iter(state_of(meeting)["groups"].values()))["id"]
    do(meeting, ana, "chat.post", {"text": "We are stuck"}, st=f"group:{group}")
    client = signed_in(trainer)
    assert "We are stuck" in page(client, meeting, query=f"?group={group}") and "We are stuck" not in page(client, meeting)
    for odd in ("0", "x", "9" * 30, "%00"):
        assert "Visiting" not in page(client, meeting, query=f"?group={odd}", status=400 if odd == "%00" else 200)
