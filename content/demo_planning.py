"""Plans of the demonstration: how its people were selected, its closing day, a national meeting, and a year of regional meetings with
four groups of mentors, one of which prepares the next one."""

import datetime

from curriculum import renewals
from curriculum.models import Enrollment, ResourcePage
from evaluations import wave_clock
from sessions import afterwards, carrying, duty_mail, reminders, telling
from sessions.models import (
    CandidateDecision,
    Criterion,
    InPersonDay,
    Invitee,
    LeadGroup,
    LeadGroupMember,
    Material,
    Meeting,
    MeetingPerson,
    NationalMeeting,
    PreparatoryMeeting,
    QuarterSlot,
    RegionalMeeting,
    Series,
    SlotChange,
    TrainingSession,
)

MEXICO = "America/Mexico_City"
HOUR = 15  # o'clock UTC: 09:00 in Mexico City, 12:00 in São Paulo
GROUPS = [("Grupo Jacaranda", 0, 3), ("Grupo Ipê", 3, 6), ("Grupo Frailejón", 6, 9), ("Grupo Ceibo", 9, 11)]
CRITERIA = [
    "Trabaja donde se atienden fracturas por fragilidad", "Tiene el apoyo de la dirección de su hospital",
    "Puede acompañar a otros hospitales de su país", "Dispone de dos horas a la semana durante el programa",
]  # fmt: skip
REASONS = {
    "selected": "Coordina la atención de fracturas en su hospital y tiene tiempo protegido.",
    "not_selected": "Este año hay dos personas del mismo hospital; se propone para la próxima cohorte.",
}
QUESTIONS = [
    ("challenges", "challenge", {"es": "¿Cuáles fueron los principales retos?", "pt-br": "Quais foram os principais desafios?", "en": "What were the main challenges?"}),
    ("actions", "action", {"es": "¿Qué acciones se tomaron?", "pt-br": "Que ações foram tomadas?", "en": "What actions were taken?"}),
    ("effective", "effective", {"es": "¿Cuáles fueron eficaces?", "pt-br": "Quais foram efetivas?", "en": "Which were effective?"}),
]  # fmt: skip


DRAFTS = [("Presentar los resultados a la dirección", 16), ("Sostener una FLS: equipo, agenda y relevos", 23)]


def quarter_of(day, later=0):
    """ "2027-Q1", or so many quarters later."""
    number = day.year * 4 + (day.month - 1) // 3 + later
    return f"{number // 4}-Q{number % 4 + 1}"


def first_day(quarter):
    return datetime.date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


class Planning:
    """`demo` is content.demo.Demo, `finished` its finished cohort, after the rooms are there."""

    def __init__(self, demo, finished):
        self.demo, self.finished, self.lead = demo, finished, demo.lead
        self.mentors = [enrollment.user for enrollment in finished.people[:11]]

    def make(self):
        self.selected_then()
        self.selecting_now()
        self.closing_day()
        self.drafts()
        self.national()
        self.groups = [self.group(*line) for line in GROUPS]
        self.year()
        self.answers()

    def instant(self, day):
        return datetime.datetime.combine(day, datetime.time(HOUR), datetime.UTC)

    def plan(self, kind, title, starts_at, *, by=None, **fields):
        fields = {"minutes": 90, "time_zone": MEXICO, "language": "es", **fields}
        local = starts_at.astimezone(datetime.timezone(datetime.timedelta(hours=-6)))
        if fields["time_zone"] == MEXICO:
            fields["wall_start"] = local.strftime("%Y-%m-%dT%H:%M")
        return kind.objects.create(title=title, starts_at=starts_at, created_by=by or self.lead, **fields)

    # --- selection ---------------------------------------------------------------------------------------------------
    def selected_then(self):
        began = self.demo.ago(45).replace(hour=HOUR, minute=0, second=0, microsecond=0)
        meeting = self.plan(
            PreparatoryMeeting, "Reunión preparatoria", began, cohort=self.demo.cohort, for_cohort=False, state=Meeting.State.ENDED,
            started_at=began, ended_at=began + datetime.timedelta(minutes=85),
        )  # fmt: skip
        self.criteria(meeting)
        for enrollment in self.demo.cohort.enrollments.filter(role=Enrollment.Role.TRAINEE):
            decision = "not_selected" if enrollment.status == "not_selected" else "selected"
            if enrollment.status != "candidate":
                self.decide(meeting, enrollment, decision, applied_at=meeting.ended_at)

    def selecting_now(self):
        """The other lead's: candidates wait for a decision."""
        enrollment = Enrollment.objects.filter(cohort__name="Cono Sur 2027", role="lead").select_related("cohort").first()
        starts_at = self.instant(self.demo.today + datetime.timedelta(days=10))
        meeting = self.plan(
            PreparatoryMeeting, "Reunión preparatoria del Cono Sur", starts_at, by=enrollment.user, cohort=enrollment.cohort,
            for_cohort=False, time_zone="America/Argentina/Buenos_Aires",
        )  # fmt: skip
        self.criteria(meeting)

    def criteria(self, meeting):
        for order, text in enumerate(CRITERIA, start=1):
            Criterion.objects.create(meeting=meeting, order=order, text=text)

    def decide(self, meeting, enrollment, decision, **fields):
        marks = {str(one.pk): self.demo.chance.choice((1, 2, 2)) for one in meeting.criteria.all()}
        CandidateDecision.objects.create(
            meeting=meeting, enrollment=enrollment, decision=decision, reason=REASONS[decision], marks=marks, by=self.lead,
            at=meeting.started_at, **fields,
        )  # fmt: skip

    # --- days --------------------------------------------------------------------------------------------------------
    def closing_day(self):
        self.plan(
            InPersonDay, "Jornada de cierre presencial", self.instant(self.demo.today + datetime.timedelta(days=68)),
            cohort=self.demo.cohort, mode=Meeting.Mode.IN_PERSON, minutes=420, capacity=30, check_in_code="CIERRE",
            place="Auditorio del Hospital San Telmo (ficticio), Ciudad de México", place_url="https://www.openstreetmap.org/#map=15/19.4326/-99.1332",
            about="Presentación de los planes de cada hospital, taller y entrega de certificados.",
        )  # fmt: skip

    def drafts(self):
        """Two more sessions of one series, planned and not announced."""
        series = Series.objects.create(
            cohort=self.demo.cohort, title="Sesiones del módulo 5", wall_time="09:00", time_zone=MEXICO, created_by=self.lead
        )  # fmt: skip
        for number, (title, days) in enumerate(DRAFTS, start=4):
            self.plan(
                TrainingSession, title, self.instant(self.demo.today + datetime.timedelta(days=days)), cohort=self.demo.cohort,
                number=number, series=series, state=Meeting.State.DRAFT, engine="mesh",
            )  # fmt: skip

    def national(self):
        self.plan(
            NationalMeeting, "México, seis meses después", self.instant(self.demo.today + datetime.timedelta(days=26)),
            cohort=self.finished.cohort, country="MX", about="Qué se puso en marcha en cada hospital y qué hace falta.",
        )  # fmt: skip

    # --- the year of regional meetings -------------------------------------------------------------------------------
    def group(self, name, first, last):
        group = LeadGroup.objects.create(name=name, created_by=self.lead)
        for user in self.mentors[first:last]:
            LeadGroupMember.objects.create(group=group, user=user)
        return group

    def year(self):
        held = RegionalMeeting.objects.get(created_by=self.lead)
        quarter = quarter_of(held.starts_at.date())
        RegionalMeeting.objects.filter(pk=held.pk).update(quarter=quarter)
        self.slot(quarter, 0, "accepted", meeting=held, topic=held.topic, planned_on=held.starts_at.date(), hand_over=(
            "El ejercicio funcionó mejor en grupos por país. Dejen diez minutos más para votar."
        ))  # fmt: skip
        self.coming(quarter_of(held.starts_at.date(), 1))
        self.slot(quarter_of(held.starts_at.date(), 2), 2, "proposed")
        QuarterSlot.objects.get_or_create(quarter=quarter_of(held.starts_at.date(), 3))

    def coming(self, quarter):
        """The second group has its turn: topic and questions are there, roles, agenda and invitation are not."""
        day = max(self.demo.today + datetime.timedelta(days=30), first_day(quarter) + datetime.timedelta(days=18))
        topic = "La enfermera coordinadora: funciones, tiempo y reconocimiento"
        meeting = self.plan(
            RegionalMeeting,
            "Reunión regional de mentores",
            self.instant(day),
            quarter=quarter,
            topic=topic,
            state=Meeting.State.DRAFT,
        )
        for user in [self.lead, *self.mentors[3:6]]:
            MeetingPerson.objects.create(meeting=meeting, user=user, part=MeetingPerson.Part.HOST)
        questions = [{"key": key, "role": role, "title": title} for key, role, title in QUESTIONS]
        self.slot(quarter, 1, "accepted", meeting=meeting, topic=topic, planned_on=day, questions=questions)

    def slot(self, quarter, place, state, **fields):
        group = self.groups[place]
        countries = sorted({str(member.user.country) for member in group.members.select_related("user")})
        why = {"rule": "never_led", "since": "", "countries": countries, "reason": ""}
        slot = QuarterSlot.objects.filter(quarter=quarter).first() or QuarterSlot(quarter=quarter)
        if slot.group_id or slot.meeting_id:  # somebody real leads this quarter
            return slot
        for name, value in {"group": group, "state": state, "why": why, **fields}.items():
            setattr(slot, name, value)
        slot.save()
        SlotChange.objects.create(slot=slot, what="proposed", to_group=group, by=self.lead)
        if state == "accepted":
            member = group.members.select_related("user").first()
            SlotChange.objects.create(slot=slot, what="accepted", to_group=group, by=member.user)
        return slot

    # --- the next session --------------------------------------------------------------------------------------------
    def answers(self):
        meeting = TrainingSession.objects.filter(cohort=self.demo.cohort, number=3).get()
        page = ResourcePage.objects.live().filter(locale__language_code="es").order_by("title").first()
        Material.objects.create(meeting=meeting, title=page.title, url=page.url or "/", minutes=5)
        people = Enrollment.objects.filter(cohort=self.demo.cohort, role="trainee", status="enrolled").order_by("pk")[:4]
        for enrollment, answer in zip(people, ("yes", "yes", "maybe", "no"), strict=False):
            Invitee.objects.create(
                meeting=meeting, user=enrollment.user, answer=answer, answered_at=self.demo.ago(1), via="page",
                note="Estaré de guardia." if answer == "no" else "",
            )  # fmt: skip


def tell_what_is_due():
    """What the worker would write in its first minute, so that nothing of it is mailed later."""
    if wave_clock.run().failed:
        raise RuntimeError("a wave of the demonstration could not be told of; the log says which")
    for meeting in Meeting.objects.filter(state=Meeting.State.ENDED):
        afterwards.meeting_ended(meeting)
    carrying.carry_all()
    telling.bring_all_up_to_date()
    duty_mail.tell_due()
    reminders.remind()
    renewals.remind()
