"""The transcript: who gets which streams, redaction in every form, and what is left when it has been kept long enough."""

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from sessions import room, transcript
from sessions.models import (
    Board,
    Group,
    GroupMember,
    Meeting,
    Note,
    NoteLink,
    NoteVote,
    Poll,
    RoomQuestion,
    Segment,
)
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.polling import prepared
from tests.sessions.rooms import do, person_in

pytestmark = pytest.mark.django_db
FORMS = ("transcript", "transcript_json", "transcript_pdf")


@pytest.fixture
def here():
    return planned(state="live", hours=-1, title="Sesión uno")


def read(here, role, name="transcript_json"):
    response = signed(getattr(here, role)).get(url(name, here.meeting.pk))
    if name == "transcript_pdf":
        assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    return text_of(response)


def document(here, role="trainee"):
    return json.loads(read(here, role))


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_who_may_read_it(here, name):
    address = url(name, here.meeting.pk)
    got = {
        role: signed(getattr(here, role)).get(address).status_code
        for role in ("trainee", "trainer", "lead", "evaluator", "stranger")
    }
    assert got == {"trainee": 200, "trainer": 200, "lead": 200, "evaluator": 200, "stranger": 404}
    assert here.meeting and signed(here.trainee).post(address).status_code == 405


@pytest.mark.parametrize("name", FORMS)
def test_visitors_sign_in_first(here, client, name):
    assert client.get(url(name, here.meeting.pk)).status_code == 302


@pytest.mark.parametrize("name", FORMS)
def test_each_reads_the_streams_they_hear(here, name):
    one, two = (Group.objects.create(meeting=here.meeting, number=number, name=f"Grupo {number}") for number in (1, 2))
    other = person_in(here.meeting)
    GroupMember.objects.create(meeting=here.meeting, group=one, user=here.trainee)
    GroupMember.objects.create(meeting=here.meeting, group=two, user=other)
    do(here.meeting, here.trainer, "group.open")
    do(here.meeting, here.trainee, "chat.post", {"text": "dicho-a-todos"})
    do(here.meeting, here.trainer, "chat.post", {"text": "entre-nosotros"}, st="hosts")
    do(here.meeting, here.trainee, "chat.post", {"text": "grupo-uno"}, st=f"group:{one.pk}")
    do(here.meeting, other, "chat.post", {"text": "grupo-dos"}, st=f"group:{two.pk}")
    words = ("dicho-a-todos", "entre-nosotros", "grupo-uno", "grupo-dos")
    heard = {role: [word in read(here, role, name) for word in words] for role in ("trainee", "trainer", "evaluator")}
    assert heard == {
        "trainee": [True, False, True, False], "trainer": [True, True, True, True], "evaluator": [True, False, False, False],
    }  # fmt: skip


# --- what ------------------------------------------------------------------------------------------------------------


def test_everything_the_meeting_left_is_in_it(here):
    start = here.meeting.started_at
    Segment.objects.create(
        meeting=here.meeting, title="Caso", minutes=20, owner_name="Dra. Ruiz", started_at=start, notes="privado"
    )
    seq = do(here.meeting, here.trainee, "chat.post", {"text": "Hola"}).seq
    do(here.meeting, here.trainee, "chat.edit", {"id": seq, "text": "Hola a todos"})
    do(here.meeting, here.trainee, "qa.ask", {"text": "¿Y el calcio?"})
    question = RoomQuestion.objects.get()
    do(here.meeting, here.trainer, "qa.upvote", {"id": question.pk, "up": True})
    do(here.meeting, here.trainer, "qa.answer", {"id": question.pk, "text": "Sí, siempre."})
    do(
        here.meeting,
        here.trainer,
        "outcome.add",
        {"what": "action", "text": "Enviar la guía", "owner": here.trainee.pk, "due": "2027-03-05"},
    )
    found = document(here)
    assert [one["title"] for one in found["agenda"]] == ["Caso"] and "privado" not in str(found)
    assert found["agenda"][0]["started_at"] == start.isoformat(timespec="seconds")
    (message,) = found["streams"][0]["messages"]
    assert (message["text"], message["edited"], message["name"]) == ("Hola a todos", True, here.trainee.full_name)
    (asked,) = found["questions"]
    assert (asked["votes"], asked["answer"], asked["by"], asked["state"]) == (
        1,
        "Sí, siempre.",
        here.trainer.full_name,
        "answered",
    )
    (action,) = found["outcomes"]
    assert (action["what"], action["owner"], action["due"]) == ("action", here.trainee.full_name, "2027-03-05")
    for name in ("transcript", "transcript_pdf"):
        text = " ".join(read(here, "trainee", name).split())
        for words in ("Hola a todos", "¿Y el calcio?", "Sí, siempre.", "Enviar la guía", "Dra. Ruiz", "1 vote"):
            assert words in text, (name, words)


def test_merged_questions_stand_below_the_one_that_stays(here):
    for text in ("¿Uno más?", "¿Dos más?"):
        do(here.meeting, here.trainee, "qa.ask", {"text": text})
    first, second = RoomQuestion.objects.order_by("pk")
    do(here.meeting, here.trainer, "qa.merge", {"ids": [second.pk], "into": first.pk})
    (asked,) = document(here)["questions"]
    assert (asked["text"], asked["merged"]) == ("¿Uno más?", ["¿Dos más?"])


def test_polls_as_they_were_disclosed(here):
    rows = [
        {"key": "a", "text": {"es": "Uno"}, "count": 4, "share": 0.8},
        {"key": "b", "text": {"es": "Dos"}, "count": 1, "share": 0.2},
    ]
    for state in ("closed", "shown"):
        Poll.objects.filter(pk=prepared(here.meeting, text=state).pk).update(state=state, results={"rows": rows, "n": 5})
    Poll.objects.filter(pk=prepared(here.meeting, text="pocos").pk).update(state="closed", results=None)
    prepared(here.meeting, text="preparada")
    assert [poll["text"] for poll in document(here)["polls"]] == ["shown"]
    assert [poll["text"] for poll in document(here, "trainer")["polls"]] == ["closed", "shown"]
    assert document(here)["polls"][0]["rows"][0] == {"text": "Uno", "count": 4, "share": 0.8}
    assert "80" in read(here, "trainee", "transcript") and "80%" in read(here, "trainee", "transcript_pdf")


def test_the_board_without_removed_notes(here):
    board = Board.objects.create(
        stream=room.stream_of(here.meeting.pk, "main"),
        columns=[
            {"key": "r", "title": {"es": "Retos"}, "role": "challenge"},
            {"key": "a", "title": {"es": "Acciones"}, "role": "action"},
        ],
    )
    challenge, action, removed = (
        Note.objects.create(board=board, column=column, text=text, author=here.trainee, author_name="Nombre", country="MX")
        for column, text in (("r", "Poco tiempo"), ("a", "Turnos"), ("a", "quitada"))
    )
    Note.objects.filter(pk=removed.pk).update(removed_at=timezone.now())
    NoteLink.objects.create(action=action, challenge=challenge)
    NoteVote.objects.create(note=action, user=here.trainer, cid="x")
    (found,) = document(here)["boards"]
    assert [column["title"] for column in found["columns"]] == ["Retos", "Acciones"]
    assert found["columns"][1]["notes"] == [{"text": "Turnos", "country": "MX", "votes": 1, "answers": ["Poco tiempo"]}]
    for name in FORMS:
        text = read(here, "trainee", name)
        assert "Turnos" in text and "quitada" not in text and "Nombre" not in text


def test_words_of_people_stay_text(here):
    nasty = '<script>alert(1)</script> #set text(red) *x* $y$ \\ "z" 🦴 مرحبا'
    do(here.meeting, here.trainee, "chat.post", {"text": nasty})
    assert "<script>alert(1)" not in read(here, "trainee", "transcript")
    assert document(here)["streams"][0]["messages"][0]["text"] == nasty
    printed = read(here, "trainee", "transcript_pdf")
    assert "#set text(red) *x* $y$" in printed


def test_the_pdf_is_tagged_and_named(here):
    do(here.meeting, here.trainee, "chat.post", {"text": "Hola"})
    response = signed(here.trainee).get(url("transcript_pdf", here.meeting.pk, language="pt-br"))
    pdf = PdfReader(io.BytesIO(response.content))
    assert "sesion-uno" in response["Content-Disposition"]
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] and pdf.trailer["/Root"]["/Lang"].startswith("pt")


def test_an_empty_one_says_so(here):
    assert "Nothing was written in this meeting." in read(here, "trainee", "transcript")
    assert "Nothing was written in this meeting." in read(here, "trainee", "transcript_pdf")
    assert document(here)["streams"] == []


# --- redaction -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_what_was_taken_back_is_in_no_form_for_nobody(here, name):
    seq = do(here.meeting, here.trainee, "chat.post", {"text": "primera-palabra"}).seq
    do(here.meeting, here.trainee, "chat.edit", {"id": seq, "text": "segunda-palabra"})
    do(here.meeting, here.trainee, "qa.ask", {"text": "tercera-palabra"})
    question = RoomQuestion.objects.get()
    do(here.meeting, here.trainer, "qa.answer", {"id": question.pk, "text": "cuarta-palabra"})
    assert "palabra" in read(here, "trainee", name)
    do(here.meeting, here.trainer, "chat.redact", {"id": seq})
    do(here.meeting, here.trainee, "qa.redact", {"id": question.pk})
    for role in ("trainee", "trainer"):
        text = read(here, role, name)
        assert "palabra" not in text
        assert "(taken back)" in text or '"redacted": true' in text


# --- how much --------------------------------------------------------------------------------------------------------


def test_it_costs_the_same_with_one_message_and_with_many(here):
    counted = []
    do(here.meeting, here.trainer, "group.plan", {"groups": [{"people": [here.trainee.pk]}]})
    do(here.meeting, here.trainer, "group.open")
    for number in range(2):
        for _time in range(1 + 15 * number):
            do(here.meeting, here.trainee, "chat.post", {"text": "x"})
            do(here.meeting, here.trainee, "qa.ask", {"text": "¿Qué más?"})
            do(here.meeting, here.trainer, "qa.answer", {"id": RoomQuestion.objects.last().pk, "text": "Eso"})
            do(here.meeting, here.trainer, "outcome.add", {"text": "x"})
            Poll.objects.filter(pk=prepared(here.meeting).pk).update(state="shown", results={"rows": [], "n": 5})
            Segment.objects.create(meeting=here.meeting, title="x", owner=here.trainer)
            group = Group.objects.create(meeting=here.meeting, number=1)
            do(here.meeting, here.trainer, "chat.post", {"text": "x"}, st=f"group:{group.pk}")
        with CaptureQueriesContext(connection) as found:
            transcript.document_for(Meeting.objects.select_related("cohort").get(pk=here.meeting.pk), here.trainer)
        counted.append(len(found))
    assert counted[0] == counted[1] <= 16


def test_who_was_regrouped_still_reads_the_first_group(here):
    other = person_in(here.meeting)
    do(here.meeting, here.trainer, "group.plan", {"groups": [{"people": [here.trainee.pk]}, {"people": [other.pk]}]})
    do(here.meeting, here.trainer, "group.open", {})
    first = GroupMember.objects.get(user=here.trainee).group
    do(here.meeting, here.trainee, "chat.post", {"text": "en-el-primero"}, st=f"group:{first.pk}")
    do(here.meeting, here.trainer, "group.close", {})
    do(here.meeting, here.trainer, "group.plan", {"groups": [{"people": [other.pk]}, {"people": [here.trainee.pk]}]})
    assert GroupMember.objects.get(user=here.trainee).group != first
    assert "en-el-primero" in read(here, "trainee")
    here.other = other
    assert "en-el-primero" not in read(here, "other")
