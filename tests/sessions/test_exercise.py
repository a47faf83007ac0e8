"""The joint exercise: prepared in three languages, laid onto the board, its outcome a draft page and the next meeting's opening."""

import pytest
from wagtail.models import Page

from curriculum.models import ResourceIndexPage
from sessions import exercise, rotation, run_of_show
from sessions.models import Board, Event, Outcome, QuarterSlot, RegionalMeeting
from tests.confirming import confirmed
from tests.factories import make_home
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rooms import do
from tests.sessions.rotating import a_group, a_lead, at, the_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(monkeypatch):
    at(monkeypatch, "2026-12-05")
    lead, one, two = a_lead(), a_group("Andes", "CO"), a_group("Sur", "BR")
    rotation.assign("2027-Q1", one.pk, lead)
    rotation.assign("2027-Q2", two.pk, lead)
    signed(lead).post(url("year_dates", 2027), the_days(q1="2027-02-18", q2="2027-05-20"))
    one.lead, one.next = lead, two
    one.meeting, one.next_meeting = RegionalMeeting.objects.order_by("starts_at")
    return one


def save_questions(user, quarter="2027-Q1", **changed):
    shipped = {f"{one['key']}_{code}": text for one in exercise.default_questions() for code, text in one["title"].items()}
    return signed(user).post(url("duty_act", quarter, "questions"), {**shipped, **changed})


def test_the_usual_questions_stand_in_the_form_in_three_languages(here):
    text = text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))
    for name in ("challenges_es", "actions_pt-br", "effective_en"):
        assert f'name="{name}"' in text
    assert 'value="What were the main challenges?"' in text
    assert not Board.objects.exists()


def test_saved_questions_become_the_columns_of_the_board(here):
    assert save_questions(here.people[0], challenges_es="¿Qué falta?").status_code == 302
    board = Board.objects.get(stream__meeting=here.meeting)
    assert [one["role"] for one in board.columns] == ["challenge", "action", "effective"]
    assert board.columns[0]["title"]["es"] == "¿Qué falta?"
    assert board.columns == QuarterSlot.objects.get(quarter="2027-Q1").questions
    for _ in range(2):
        save_questions(here.people[0], challenges_es="¿Qué falta?")
    assert Event.objects.filter(kind="board.setup").count() == 1
    save_questions(here.people[0], challenges_es="Otra")
    save_questions(here.people[0], challenges_es="¿Qué falta?")
    board.refresh_from_db()
    assert board.columns[0]["title"]["es"] == "¿Qué falta?"


def test_questions_prepared_before_there_is_a_day_come_with_the_meeting(here):
    assert save_questions(here.lead, "2027-Q3").status_code == 302
    signed(here.lead).post(url("year_dates", 2027), the_days(q3="2027-08-19"))
    assert Board.objects.get(stream__meeting__regionalmeeting__quarter="2027-Q3").columns[2]["role"] == "effective"


def test_once_the_meeting_has_begun_the_board_stays(here):
    save_questions(here.people[0])
    confirmed(signed(here.people[0]), url("duty_invite", "2027-Q1"))
    do(here.meeting, here.people[0], "session.open")
    before = Board.objects.get(stream__meeting=here.meeting).columns
    save_questions(here.people[0], challenges_es="Tarde")
    assert Board.objects.get(stream__meeting=here.meeting).columns == before
    assert "The meeting has begun" in text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))


def hold(here, *, write=True):
    """The first meeting, with two challenges answered by actions, of which one got votes."""
    member, other = here.people
    confirmed(signed(member), url("duty_invite", "2027-Q1"))
    do(here.meeting, member, "session.open")
    if write:
        for column, text, country in (
            ("challenges", "Nobody calls back", "CO"),
            ("actions", "A nurse calls", "BR"),
            ("actions", "Letters", "MX"),
        ):
            do(here.meeting, member, "board.note", {"column": column, "text": text, "country": country})
        notes = {note.text: note.pk for note in Board.objects.get(stream__meeting=here.meeting).notes.all()}
        for action in ("A nurse calls", "Letters"):
            do(here.meeting, member, "board.link", {"action": notes[action], "challenge": notes["Nobody calls back"]})
        do(here.meeting, member, "board.phase", {"phase": "vote"})
        for user in (member, other):
            do(here.meeting, user, "board.vote", {"id": notes["A nurse calls"]})
        do(here.meeting, member, "outcome.add", {"what": "action", "text": "Write the call script", "owner": other.pk})
        do(here.meeting, member, "outcome.add", {"what": "action", "text": "Was done at once"})
    Outcome.objects.filter(text="Was done at once").update(done_at=here.meeting.starts_at)
    do(here.meeting, member, "session.end")


def test_the_next_group_and_the_next_meeting_begin_with_what_came_of_it(here):
    save_questions(here.people[0])
    hold(here)
    signed(here.people[0]).post(url("duty_act", "2027-Q1", "hand_over"), {"hand_over": "Begin with the script"})
    for path in (url("duties", "2027-Q2"), url("meeting", here.next_meeting.pk)):
        text = text_of(signed(here.next.people[0]).get(path))
        assert "What came of last time" in text
        assert text.index("Nobody calls back") < text.index("A nurse calls") < text.index("Letters")
        assert "2 votes" in text and "Brazil" in text and "Write the call script" in text and "Begin with the script" in text
        assert "Was done at once" not in text
    assert "What came of last time" not in text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))


def test_the_agenda_of_a_meeting_that_follows_another_opens_with_it(here):
    save_questions(here.people[0])
    run_of_show.use_template(here.meeting)
    assert here.meeting.segments.count() == 5
    hold(here)
    signed(here.next.people[0]).post(url("duty_act", "2027-Q2", "agenda"))
    segments = list(here.next_meeting.segments.all())
    assert segments[0].kind == "discussion" and len(segments) == 6
    assert sum(one.minutes for one in segments) == 90


def library():
    home = make_home()["es"]
    return home.add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca", locale=home.locale))


def test_the_outcome_becomes_a_draft_page_offered_on_the_checklist_and_linked_once_it_is_out(here):
    save_questions(here.people[0])
    hold(here)
    offer = "Make a draft page for the library"
    assert offer not in text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))
    index = library()
    assert offer in text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))
    assert signed(here.people[0]).post(url("board_draft", here.meeting.pk)).status_code == 302
    page = Page.objects.child_of(index).get()
    assert not page.live
    text = text_of(signed(here.people[0]).get(url("duties", "2027-Q1")))
    assert "A draft for the library is with its editors" in text and offer not in text
    assert page.title not in text_of(signed(here.next.people[0]).get(url("duties", "2027-Q2")))
    page.specific.save_revision().publish()
    assert page.title in text_of(signed(here.next.people[0]).get(url("duties", "2027-Q2")))


def test_without_anything_said_there_is_no_empty_box(here):
    hold(here, write=False)
    assert "What came of last time" not in text_of(signed(here.next.people[0]).get(url("duties", "2027-Q2")))
