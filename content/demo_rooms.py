"""Live sessions of the demonstration: two that were held, one to come, a room to try things in, and a regional meeting of mentors.

What was said and voted was said and voted through the acts of a room; then the hours are laid back, as in demo_finished.py.
"""

import datetime
import itertools

from django.db.models import F

from content.keys import activity_key
from curriculum.models import Enrollment
from sessions import attendance, polling_questions, room
from sessions.models import (
    Event,
    Lease,
    Meeting,
    MeetingPerson,
    Poll,
    RegionalMeeting,
    RoomQuestion,
    Segment,
    Stream,
    TrainingSession,
)
from sessions.seats import seat_for

CURRICULUM, SESSIONS = "train-the-trainer", 6
HOUR = 15  # o'clock UTC: 09:00 in Mexico City, 12:00 in São Paulo
SHOW = [
    ("Bienvenida y objetivos", "welcome", 5), ("Exposición breve", "talk", 20), ("Caso de una participante", "case", 25),
    ("Discusión", "discussion", 25), ("Encuesta y cierre", "closing", 15),
]  # fmt: skip
HELD = [
    (1, "Por qué una FLS: la brecha en nuestros hospitales", 21, [
        "Buenas tardes desde Guadalajara.", "Boa tarde! Aqui em Recife começamos em março.",
        "En nuestro hospital nadie sigue a quien se fracturó la muñeca.", "O mesmo aqui: a paciente volta com fratura de quadril.",
    ], [("¿Quién avisa al médico familiar?", "La coordinadora, con una carta el mismo día."), ("¿Se puede empezar sin DXA?", "")]),
    (2, "El camino del paciente: identificar, evaluar, iniciar, seguir", 14, [
        "¿Alguien usa listas de urgencias?", "Sim, recebemos a lista toda segunda-feira.", "Nosotros, la de quirófano.",
    ], [("¿Cada cuánto se revisa la lista?", "Una vez por semana es suficiente para empezar.")]),
]  # fmt: skip
CHALLENGES = [
    ("Las urgencias no avisan de las fracturas", "MX"), ("Falta quem coordene em tempo parcial", "BR"),
    ("La DXA queda a tres horas", "CO"), ("El tratamiento se abandona a los seis meses", "MX"),
]  # fmt: skip
ACTIONS = [
    ("Lista semanal de radiología", "MX", 0), ("Enfermeira coordenadora dois dias por semana", "BR", 1),
    ("Unidad móvil una vez al mes", "CO", 2), ("Llamada a las seis semanas y a los seis meses", "MX", 3),
    ("Receta con fecha de la siguiente cita", "CO", 3),
]  # fmt: skip


class Rooms:
    """`demo` is content.demo.Demo, after its cohorts are there."""

    def __init__(self, demo, finished):
        self.demo, self.chance, self.finished = demo, demo.chance, finished
        self.ids = itertools.count(1)

    def make(self):
        self.trainer = self.demo.trainers[0]
        for number, title, days, chat, questions in HELD:
            self.held(number, title, days, chat, questions)
        self.coming()
        self.practice()
        self.regional()

    # --- meetings ----------------------------------------------------------------------------------------------------
    def session(self, number, title, starts_at, **fields):
        meeting = TrainingSession.objects.create(
            cohort=self.demo.cohort, number=number, title=title, starts_at=starts_at, minutes=90, time_zone="America/Mexico_City",
            language="es", created_by=self.trainer, engine="mesh",
            activity_key=activity_key(CURRICULUM, f"live-{number}") if number <= SESSIONS else None, **fields,
        )  # fmt: skip
        self.run_of_show(meeting)
        return meeting

    def run_of_show(self, meeting):
        for order, (title, kind, minutes) in enumerate(SHOW):
            who = self.trainer.full_name if kind in ("talk", "welcome") else ""
            Segment.objects.create(meeting=meeting, order=order, title=title, kind=kind, minutes=minutes, owner_name=who)

    def held(self, number, title, days, chat, questions):
        meeting = self.session(number, title, self.at(days), preparation="Lea la lección 1 del módulo (10 min).")
        people = self.people_who_studied(days)
        poll = self.poll(meeting)
        self.act(meeting, self.trainer, "session.open")
        first = meeting.segments.first()
        self.act(meeting, self.trainer, "agenda.goto", segment=first.pk)
        for user, text in zip(itertools.cycle(people), chat, strict=False):
            self.act(meeting, user, "chat.post", text=text)
        for (text, answer), user in zip(questions, people, strict=False):
            self.ask(meeting, user, text, answer, people)
        self.vote(meeting, poll, people)
        self.act(
            meeting, self.trainer, "outcome.add", what="action", text="Traer la lista de fracturas de un mes", due="2027-03-19"
        )
        self.act(meeting, self.trainer, "session.end")
        self.lay_back(meeting, days)
        self.attend(meeting, people)

    def coming(self):
        meeting = self.session(
            3, "Medir y mejorar: los once indicadores", self.at(-2), preparation="Anote cuántas fracturas de cadera tuvo su hospital el mes pasado."
        )  # fmt: skip
        self.poll(meeting)

    def practice(self):
        """Any trainer may begin it whenever they like, to see what a room is."""
        now = self.demo.now.replace(second=0, microsecond=0)
        meeting = self.session(
            9, "Sala de práctica", now + datetime.timedelta(days=3), about="Para probar la sala antes de una sesión."
        )
        self.poll(meeting)

    def regional(self):
        """Mentors of the finished cohort, led by three of them, at the joint exercise: challenges, actions, what was effective."""
        mentors = [enrollment.user for enrollment in self.finished.people[:11]]
        meeting = RegionalMeeting.objects.create(
            title="Reunión regional de mentores", topic="Reanudar y sostener una FLS", quarter=f"{self.demo.today.year}-Q1", minutes=90,
            starts_at=self.at(30), time_zone="America/Mexico_City", language="es", created_by=self.demo.lead,
        )  # fmt: skip
        for place, user in enumerate(mentors):
            part = MeetingPerson.Part.HOST if place < 3 else MeetingPerson.Part.PARTICIPANT
            MeetingPerson.objects.create(meeting=meeting, user=user, part=part)
        MeetingPerson.objects.create(meeting=meeting, user=self.demo.lead, part=MeetingPerson.Part.HOST)
        self.run_of_show(meeting)
        host = mentors[0]
        self.act(meeting, host, "session.open")
        self.exercise(meeting, host, mentors)
        self.act(meeting, host, "session.end")
        self.lay_back(meeting, 30)
        self.attend(meeting, mentors)

    def exercise(self, meeting, host, mentors):
        self.act(meeting, host, "board.setup")
        columns = {column["role"]: column["key"] for column in self.state(meeting)["board"]["columns"]}
        challenges = [
            self.note(meeting, user, columns["challenge"], *note) for note, user in zip(CHALLENGES, mentors, strict=False)
        ]
        actions = []
        for (text, country, challenge), user in zip(ACTIONS, mentors, strict=False):
            actions.append(self.note(meeting, user, columns["action"], text, country))
            self.act(meeting, host, "board.link", action=actions[-1], challenge=challenges[challenge])
        self.act(meeting, host, "board.phase", phase="vote")
        for user in mentors:
            for action in self.chance.sample(actions, 2):
                self.act(meeting, user, "board.vote", id=action)
        self.act(meeting, host, "board.phase", phase="closed")

    # --- acts --------------------------------------------------------------------------------------------------------
    def act(self, meeting, user, kind, **body):
        seat = seat_for(user, meeting)
        operation = {"t": "op", "cid": f"demo-{meeting.pk}-{next(self.ids):05d}", "st": "main", "k": kind, "b": body}
        return room.perform(seat, operation)

    def state(self, meeting):
        return room.snapshot(room.stream_of(meeting.pk, "main"))[1]

    def note(self, meeting, user, column, text, country):
        self.act(meeting, user, "board.note", column=column, text=text, country=country)
        notes = self.state(meeting)["notes"]
        return max(int(key) for key in notes)

    def ask(self, meeting, user, text, answer, people):
        self.act(meeting, user, "qa.ask", text=text)
        question = RoomQuestion.objects.filter(meeting_id=meeting.pk).latest("pk")
        for voter in people:
            if voter != user and self.chance.random() < 0.5:
                self.act(meeting, voter, "qa.upvote", id=question.pk)
        if answer:
            self.act(meeting, self.trainer, "qa.answer", id=question.pk, text=answer)

    def poll(self, meeting):
        return polling_questions.prepare_poll(
            meeting, kind="single-choice", text="¿Qué paso falta más en su hospital?", promise="anonymous",
            choices=["Identificar", "Evaluar", "Iniciar el tratamiento", "Seguir"],
        )  # fmt: skip

    def vote(self, meeting, poll, people):
        self.act(meeting, self.trainer, "poll.open", id=poll.pk)
        choices = [choice["key"] for choice in self.state(meeting)["polls"][str(poll.pk)]["question"]["choices"]]
        for user in people:
            self.act(meeting, user, "poll.vote", id=poll.pk, value=self.chance.choice(choices))
        self.act(meeting, self.trainer, "poll.close", id=poll.pk)
        if len(people) >= 5:
            self.act(meeting, self.trainer, "poll.reveal", id=poll.pk)

    # --- people and hours --------------------------------------------------------------------------------------------
    def people_who_studied(self, days):
        enrollments = Enrollment.objects.filter(cohort=self.demo.cohort, role="trainee", status__in=("enrolled", "certified"))
        return [one.user for one in enrollments.filter(enrolled_at__lt=self.demo.ago(days)).select_related("user").order_by("pk")]

    def attend(self, meeting, people):
        """Most stay, one comes late, one leaves early, one is there twice at once, one not at all."""
        meeting = Meeting.objects.get(pk=meeting.pk)
        whole = meeting.ended_at - meeting.started_at
        for place, user in enumerate(people[:-1] if len(people) > 4 else people):
            late, early = (0.3 if place == 2 else 0.02), (0.6 if place == 3 else 0.0)
            self.lease(meeting, user, meeting.started_at + late * whole, meeting.ended_at - early * whole)
            if place == 1:
                self.lease(meeting, user, meeting.started_at + whole / 4, meeting.ended_at)
        attendance.reconcile(meeting)

    def lease(self, meeting, user, opened_at, seen_at):
        mark = f"demo-{meeting.pk}-{next(self.ids):05d}"
        Lease.objects.create(
            meeting=meeting, user=user, conn=mark, tab=mark, opened_at=opened_at, seen_at=seen_at, closed_at=seen_at
        )

    def at(self, days):
        return self.demo.ago(days).replace(hour=HOUR, minute=0, second=0, microsecond=0)

    def lay_back(self, meeting, days):
        """What just happened within seconds happened over an hour and a half, `days` days ago."""
        began = self.at(days)
        Meeting.objects.filter(pk=meeting.pk).update(started_at=began, ended_at=began + datetime.timedelta(minutes=88))
        for stream in Stream.objects.filter(meeting_id=meeting.pk):
            step = datetime.timedelta(minutes=85) / max(stream.last_seq, 1)
            for event in Event.objects.filter(stream=stream):
                Event.objects.filter(pk=event.pk).update(at=began + step * event.seq)
        shift = self.demo.now - began
        Segment.objects.filter(meeting_id=meeting.pk, started_at__isnull=False).update(
            started_at=F("started_at") - shift, ended_at=began + datetime.timedelta(minutes=88)
        )
        Poll.objects.filter(meeting_id=meeting.pk, opened_at__isnull=False).update(
            opened_at=F("opened_at") - shift, closed_at=F("closed_at") - shift
        )
