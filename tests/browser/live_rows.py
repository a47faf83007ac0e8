"""Meetings in every state for looking at their screens, made in the site's process on top of the demonstration."""

import datetime
import itertools

import typst
from django.core.files.base import ContentFile
from django.utils import timezone

from lms.models import User
from sessions import attendance, check_in, polling_questions, slide_pages
from sessions.models import Attendance, Lease, Meeting, Poll, RegionalMeeting, Segment, TrainingSession
from sessions.models import SlideDeck as Deck
from tests.sessions.rooms import do, state_of

TITLE = "Del hallazgo al tratamiento"
PDF = b"#set page(width: 16cm, height: 9cm)\n= El camino del paciente\nIdentificar, evaluar, iniciar, seguir\n#pagebreak()\n= Tratar"
_numbers = itertools.count()


def made(cohort):
    """Ids and words by the names that screens.py uses; the same again when it is asked again."""
    trainer = _demo("trainer")
    busy = TrainingSession.objects.filter(cohort=cohort, title=TITLE, state="live").first() or busy_room(cohort, trainer)
    held = TrainingSession.objects.get(cohort=cohort, state="ended", number=2)
    lobby = _session(cohort, trainer, "scheduled", "Sesión que viene", starts_in=10)
    paused = _session(cohort, trainer, "scheduled", "En pausa")
    do(paused, trainer, "session.open", cid=_cid())
    do(paused, trainer, "session.pause", cid=_cid())
    cancelled = _session(cohort, trainer, "cancelled", "La que no fue", cancel_reason="La trainer está enferma.")
    marks = Attendance.objects.filter(meeting=held)
    return {
        "busy": busy.pk, "held": held.pk, "lobby": lobby.pk, "paused": paused.pk, "cancelled": cancelled.pk,
        "draft": _session(cohort, trainer, "draft", "Borrador").pk, "missed": _missed(cohort, trainer).pk,
        "regional": RegionalMeeting.objects.filter(state="ended").latest("pk").pk, "group": busy.groups.first().pk,
        "segment": lobby.segments.first().pk, "poll": lobby.polls.first().pk, "deck": busy.decks.get().pk,
        "present": marks.filter(status="present").first().user_id,
        "held_on": timezone.localtime(held.started_at).strftime("%Y-%m-%d"), "joined": _in_the_report(marks),
    }  # fmt: skip


def session_key(cohort):
    return TrainingSession.objects.get(cohort=cohort, state="ended", number=1).activity_key


def _demo(name):
    return User.objects.get(email=f"{name}@demo.example.org")


def _cid():
    return f"live-rows-{next(_numbers):06d}"


def _in_the_report(marks):
    """One who is recognised, one whose name is nearly somebody's, one whom nobody knows."""
    sure, alike = [mark.user for mark in marks.select_related("user").order_by("pk")[:2]]
    return [[sure.full_name, sure.email], [alike.full_name.rpartition(" ")[0], ""], ["Wolfgang Xylander", ""]]


def _session(cohort, trainer, state, title, starts_in=0, **fields):
    meeting = TrainingSession.objects.create(
        cohort=cohort, number=20, title=title, state=state, starts_at=timezone.now() + datetime.timedelta(minutes=starts_in),
        minutes=90, time_zone="America/Mexico_City", created_by=trainer, **fields,
    )  # fmt: skip
    for order, (name, kind) in enumerate([("Bienvenida", "welcome"), ("Encuesta", "poll"), ("El tablero", "board")]):
        Segment.objects.create(meeting_id=meeting.pk, title=name, kind=kind, minutes=10, order=order, notes="Con calma.")
    _poll(meeting, "¿Qué paso falta más en su hospital?")
    return meeting


def _poll(meeting, text, promise="identified"):
    choices = ["Identificar", "Evaluar", "Iniciar el tratamiento", "Seguir"]
    return polling_questions.prepare_poll(meeting, kind="single-choice", text=text, choices=choices, promise=promise)


def busy_room(cohort, trainer):
    """A room in which everything is going on at once. The demonstration's trainee is in a group, has asked, written and voted."""
    meeting = _session(cohort, trainer, "scheduled", TITLE)
    check_in.new_code(meeting)
    trainee = _demo("trainee")
    members = cohort.enrollments.filter(role="trainee", status="enrolled").exclude(user=trainee).order_by("pk")[:7]
    people = [trainee, *(one.user for one in members)]

    def act(user, kind, body=None, st="main"):
        do(meeting, user, kind, body, st=st, cid=_cid())

    act(trainer, "session.open")
    act(trainer, "agenda.goto", {"segment": meeting.segments.first().pk})
    _show_slides(meeting, trainer, act)
    _present(meeting, [*people[:5], trainer])
    for user, text in zip(
        people, ("Buenas tardes desde Guadalajara.", "Boa tarde! Aqui em Recife começamos em março.", "Mal dicho"), strict=False
    ):
        act(user, "chat.post", {"text": text})
    act(people[2], "chat.redact", {"id": max(int(key) for key in state_of(meeting)["chat"])})
    _ask(meeting, people, trainer, act)
    _vote(meeting, people, trainer, act)
    _fill_board(meeting, people, trainer, act)
    act(trainer, "timer.set", {"seconds": 3600, "label": "Trabajo en grupos"})
    act(people[1], "hand.up")
    act(people[3], "hand.up")
    act(trainer, "hand.call", {"id": people[1].pk})
    act(
        trainer,
        "outcome.add",
        {"what": "action", "text": "Traer la lista de fracturas de un mes", "owner_name": "Todas", "due": "2027-03-19"},
    )
    act(
        trainer,
        "group.plan",
        {
            "groups": [
                {"name": "Norte", "task": "¿Quién avisa?", "people": [one.pk for one in people[:3]]},
                {"people": [one.pk for one in people[3:]]},
            ]
        },
    )
    act(trainer, "group.open", {"minutes": 60})
    group = f"group:{meeting.groups.order_by('pk').first().pk}"
    act(trainee, "chat.post", {"text": "Empecemos por urgencias."}, group)
    act(trainee, "board.note", {"column": "actions", "text": "Una lista cada lunes"}, group)
    return meeting


def _show_slides(meeting, trainer, act):
    deck = Deck.objects.create(
        meeting_id=meeting.pk, title="El camino", file=ContentFile(typst.compile(PDF), "clase.pdf"), by=trainer
    )
    slide_pages.draw(deck.pk)
    act(trainer, "slide.goto", {"deck": deck.pk, "page": 1})


def _present(meeting, people):
    now = timezone.now()
    for user in people:
        Lease.objects.create(
            meeting=meeting, user=user, conn=_cid(), tab=_cid(), opened_at=now, seen_at=now + datetime.timedelta(hours=2)
        )


def _ask(meeting, people, trainer, act):
    for user, text in zip(
        people,
        ("¿Se puede empezar sin DXA?", "¿Cada cuánto se revisa la lista?", "¿Quién avisa al médico familiar?"),
        strict=False,
    ):
        act(user, "qa.ask", {"text": text})
    first, second, third = [one.pk for one in meeting.questions.order_by("pk")]
    for user in people[3:6]:
        act(user, "qa.upvote", {"id": first, "up": True})
    act(people[0], "qa.upvote", {"id": second, "up": True})
    act(trainer, "qa.answer", {"id": third, "text": "La coordinadora, con una carta el mismo día."})


def _vote(meeting, people, trainer, act):
    """One poll is shown, one is open."""
    shown, opened = _poll(meeting, "¿Su hospital tiene una lista?", "anonymous"), meeting.polls.order_by("pk").first()
    for poll in (shown, opened):
        act(trainer, "poll.open", {"id": poll.pk})
        choices = state_of(meeting)["polls"][str(poll.pk)]["question"]["choices"]
        for user, choice in zip(people[1:], itertools.cycle(choices[:3])):
            act(user, "poll.vote", {"id": poll.pk, "value": choice["key"]})
        if poll == shown:
            act(trainer, "poll.close", {"id": poll.pk})
            act(trainer, "poll.reveal", {"id": poll.pk})
    assert Poll.objects.get(pk=shown.pk).state == Poll.State.SHOWN


def _fill_board(meeting, people, trainer, act):
    act(trainer, "board.setup")
    for user, column, text in (
        (people[0], "challenges", "La DXA queda a tres horas"), (people[1], "challenges", "Falta densitometria"),
        (people[2], "challenges", "Las urgencias no avisan"), (people[3], "actions", "Unidad móvil una vez al mes"),
        (people[0], "actions", "Lista semanal de radiología"), (people[4], "effective", "La lista semanal"),
    ):  # fmt: skip
        act(user, "board.note", {"column": column, "text": text})
    ids = {note["text"]: note["id"] for note in state_of(meeting)["notes"].values()}
    act(trainer, "board.cluster", {"ids": [ids["Falta densitometria"]], "into": ids["La DXA queda a tres horas"]})
    act(trainer, "board.link", {"action": ids["Unidad móvil una vez al mes"], "challenge": ids["La DXA queda a tres horas"]})
    act(trainer, "board.phase", {"phase": "vote"})
    for user in people[1:4]:
        act(user, "board.vote", {"id": ids["Unidad móvil una vez al mes"], "up": True})
    act(trainer, "board.phase", {"phase": "discuss"})


def _missed(cohort, trainer):
    """A meeting that the trainee was not in, whose recording counts."""
    ended = timezone.now() - datetime.timedelta(hours=30)
    meeting = _session(
        cohort, trainer, "ended", "La que se puede ver después", recording_url="https://video.example.org/1", recording_minutes=80,
        recording_counts=True, recording_check="knowledge-3a",
    )  # fmt: skip
    start = ended - datetime.timedelta(minutes=90)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, started_at=start, ended_at=ended)
    attendance.reconcile(Meeting.objects.get(pk=meeting.pk))
    return meeting
