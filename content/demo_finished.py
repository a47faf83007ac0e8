"""The cohort of the year before, finished: what its people answered is what the lead's results are computed from.

Everything is made through the acts that people use; then the dates are laid back, because nobody waits half a year for a
demonstration. What the acts refuse for the past (planning a wave that has ended) is made with days around today and laid back too.
"""

import datetime
from itertools import cycle

from django.utils import timezone

from content import demo_answers
from content.demo_people import FINISHED, PLACES, Person
from content.keys import activity_key
from curriculum import certification, cohort_setup, cohorts, progress
from curriculum.enrollment_states import Role, Status
from curriculum.models import Certificate, Cohort, Completion, Enrollment
from curriculum.outline import outline_of
from evaluations import agreement, anonymous, answering, branching, teachback, wave_opening
from evaluations.models import Commitment, CommitmentFollowUp, Response, TeachBack, Wave
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of

COHORT, CURRICULUM = "LATAM 2026", "train-the-trainer"
STARTED, ENDED = 300, 258  # days ago
SESSIONS = 6
# (instrument, moment, number, promise, opened and closed days ago, how many of the people answer, how able they are then)
LINKED = [
    ("knowledge-a", "pre", 0, "identified", 314, 300, 23, 0.38),
    ("knowledge-b", "post", 0, "identified", 258, 244, 22, 0.74),
    ("post-evaluation", "post", 0, "confidential", 258, 237, 20, 0.78),
    ("follow-up-3", "m3", 0, "confidential", 168, 140, 17, 0.72),
    ("follow-up-6", "m6", 0, "confidential", 78, 50, 12, 0.75),
]
FEEDBACK = {"knowledge-a": "after_pair", "knowledge-b": "after_pair"}
STATUSES = {90: ["done", "partly", "partly", "not_yet"], 180: ["done", "done", "partly", "dropped"]}
BARRIERS = [["time"], ["time", "staff"], ["data"], ["leadership"], ["dxa-access"], ["money"]]


class FinishedCohort:
    """`demo` (content.demo.Demo) has the lead, the trainers, the chance and the way to make an account."""

    def __init__(self, demo, trainers):
        self.demo, self.chance, self.trainers = demo, demo.chance, trainers
        self.lead = demo.lead

    def make(self):
        self.cohort = self.running()
        self.people = [self.enrolled(person) for person in people()]
        self.skill = {enrollment.pk: self.chance.uniform(-0.12, 0.12) for enrollment in self.people}
        self.needs()
        for enrollment in self.people:
            self.study(enrollment)
        Wave.objects.filter(cohort=self.cohort, instrument__key="needs-assessment").update(closed_at=self.ago(261))
        for line in LINKED:
            self.linked_wave(*line)
        for number in range(1, SESSIONS + 1):
            self.session_feedback(number)
        for enrollment in self.people[:20]:
            self.observe(enrollment)
        self.follow_commitments()
        self.certify()
        Cohort.objects.filter(pk=self.cohort.pk).update(status=Cohort.Status.CLOSED)

    def running(self):
        days = [self.day(STARTED), self.day(ENDED)]
        cohort = Cohort(
            name=COHORT, curriculum_key=self.demo.cohort.curriculum_key, countries=["MX", "BR", "CO", "AR"],
            time_zone="America/Mexico_City", starts_on=days[0], ends_on=days[1], capacity=30,
        )  # fmt: skip
        cohort = cohort_setup.start(cohort_setup.create(cohort, self.lead))
        for user, role in [*((trainer, Role.TRAINER) for trainer in self.trainers), (self.demo.evaluator, Role.EVALUATOR)]:
            Enrollment.objects.create(user=user, cohort=cohort, role=role, status=Status.ENROLLED, enrolled_at=self.ago(320))
        return cohort

    def enrolled(self, person):
        user = self.demo.account(person)
        enrollment = self.demo.candidate(person, self.cohort)
        cohorts.decide(enrollment, Status.SELECTED, self.lead)
        enrollment = cohorts.decide(enrollment, Status.ENROLLED, self.lead, "Confirmó por correo.")
        self.demo.backdate(enrollment, 316)
        enrollment.user = user
        return enrollment

    # --- the programme ---------------------------------------------------------------------------------------------
    def needs(self):
        """The rolling wave of the needs assessment: made before anybody answers, so that it is part of the figures."""
        key = activity_key(CURRICULUM, "needs-assessment")
        instrument = answering.newest_instrument("needs-assessment")
        Wave.objects.create(
            cohort=self.cohort, instrument=instrument, moment="pre", promise="confidential", activity_key=key,
            opens_on=self.day(328), created_by=self.lead, created_at=self.ago(328),
        )  # fmt: skip

    def study(self, enrollment):
        """Everything but the teach-back; one person in eight leaves the last activities undone."""
        activities = [activity for activity in outline_of(self.cohort).activities if activity.required]
        activities = [activity for activity in activities if activity.kind != "teach-back"]
        for activity in activities[: -3 if self.people.index(enrollment) % 8 == 7 else None]:
            if activity.kind == "lesson":
                progress.complete(enrollment, activity.key)
            else:
                response = answering.open_response(enrollment, page_of(activity.key), enrollment.user.language)
                self.fill(response, enrollment, 0.3 if activity.kind == "survey" else 1.0)
        self.demo.spread(enrollment, 312, 262)
        self.lay_back(enrollment, activity_key(CURRICULUM, "needs-assessment"), 305)

    def linked_wave(self, key, moment, number, promise, opened, closed, answering_people, able):
        wave = self.wave(key, moment, number, promise)
        for enrollment in self.people[:answering_people]:
            response = wave_opening.open_wave(enrollment, wave, enrollment.user.language)
            self.fill(response, enrollment, able)
            self.lay_back(enrollment, wave.activity_key, closed + self.chance.uniform(1, opened - closed - 1))
        self.end(wave, opened, closed)

    def wave(self, key, moment, number, promise):
        """Open now for everybody, whatever their zone."""
        return Wave.objects.create(
            cohort=self.cohort, instrument=answering.newest_instrument(key), moment=moment, number=number, promise=promise,
            feedback=FEEDBACK.get(key, "never"), opens_on=self.day(2), closes_on=self.day(-2), created_by=self.lead,
        )  # fmt: skip

    def end(self, wave, opened, closed):
        days = {"opens_on": self.day(opened), "closes_on": self.day(closed)}
        Wave.objects.filter(pk=wave.pk).update(**days, **({} if wave.anonymous else {"closed_at": self.ago(closed - 1)}))
        if wave.anonymous:
            anonymous.seal(wave, self.ago(closed - 1))

    def fill(self, response, enrollment, able):
        """Answers all that is asked, as far as the person is able, and sends it."""
        able = min(max(able + self.skill[enrollment.pk], 0.05), 1.0) if able < 1 else 1.0
        questions, values = questions_of(response.instrument_id), {}
        for question in questions:
            if question not in branching.asked(questions, values):
                continue
            value = demo_answers.answer(question, self.chance, able, enrollment.user.language)
            values[question.pk] = answering.save_answer(response, question, value).value
        answering.submit(response)

    def session_feedback(self, number):
        wave = self.wave("session-feedback", "session", number, "anonymous")
        questions = questions_of(wave.instrument_id)
        for enrollment in self.people[: 22 - number % 3]:
            anonymous.open_form(wave, enrollment)
            language, able = enrollment.user.language, 0.5 + 0.06 * number
            answers = {question.key: demo_answers.answer(question, self.chance, able, language) for question in questions}
            anonymous.submit(wave, enrollment, answers, language)
        self.end(wave, STARTED - 7 * (number - 1), STARTED - 7 * number + 1)

    # --- what was observed -----------------------------------------------------------------------------------------
    def observe(self, enrollment):
        """A simulation before two raters; who does not reach the mark shows it once more."""
        page = agreement.page_for(activity_key(CURRICULUM, "teach-back"))
        for able in (0.72, 0.95):
            one = teachback.plan(enrollment, page, self.trainers[0], "PDSA", self.day(265))
            marks = self.marks(one, able + self.skill[enrollment.pk])
            for rater in self.trainers[:2]:
                self.rate(one, rater, marks)
            said = agreement.agreement_on(one)
            if said.reached is None:  # they talked, and the second one looked again
                rating = teachback.rating_of(one, self.trainers[1])
                teachback.reopen(rating, "Vimos juntos la grabación de la simulación.")
                self.rate(one, self.trainers[1], marks, exactly=True)
                first = teachback.rating_of(one, self.trainers[0])
                teachback.reopen(first, "Vimos juntos la grabación de la simulación.")
                self.rate(one, self.trainers[0], marks, exactly=True)
            settled = teachback.settle(one, self.lead, "Buena escucha. Cierre con un compromiso y una fecha.")
            TeachBack.objects.filter(pk=one.pk).update(settled_at=self.ago(264), created_at=self.ago(265))
            if settled.outcome == TeachBack.Outcome.PASSED:
                Completion.objects.filter(enrollment=enrollment, activity_key=one.activity_key).update(at=self.ago(264))
                return

    def marks(self, one, able):
        questions = questions_of(one.instrument_id)
        return {question: demo_answers.answer(question, self.chance, able) for question in questions}

    def rate(self, one, rater, marks, exactly=False):
        rating = teachback.rating_of(one, rater)
        shifts = cycle([0, 0, 1, 0, -1, 0, 0])
        sent = {}
        for (question, mark), shift in zip(marks.items(), shifts, strict=False):
            known = {point["value"] for point in question.scale}
            other = mark + (0 if exactly or rater == self.trainers[0] else shift)
            sent[question.pk] = str(other if other in known else mark)
        teachback.save_marks(rating, sent)
        teachback.close(rating)

    # --- afterwards ------------------------------------------------------------------------------------------------
    def follow_commitments(self):
        """What became of the commitments after 90 and 180 days; a third of the people did not say."""
        made = Commitment.objects.filter(response__enrollment__in=self.people).select_related("response").order_by("pk")
        for commitment in made:
            due = commitment.due_on - datetime.timedelta(days=245)
            Commitment.objects.filter(pk=commitment.pk).update(made_at=commitment.response.submitted_at, due_on=due)
            for day in (90, 180):
                if self.chance.random() < 0.3:
                    continue
                status = self.chance.choice(STATUSES[day])
                barriers = [] if status == "done" else self.chance.choice(BARRIERS)
                at = commitment.response.submitted_at + datetime.timedelta(days=day + 4)
                CommitmentFollowUp.objects.create(commitment=commitment, day=day, status=status, barriers=barriers, at=at)

    def certify(self):
        for enrollment in self.people[:16]:
            fresh = Enrollment.objects.select_related("cohort", "user").get(pk=enrollment.pk)
            try:
                certificate = certification.issue(fresh, self.lead)
            except cohorts.Refused:
                continue
            Certificate.objects.filter(pk=certificate.pk).update(issued_at=self.ago(250))

    # --- dates -----------------------------------------------------------------------------------------------------
    def ago(self, days):
        return self.demo.now - datetime.timedelta(days=days)

    def day(self, ago):
        return timezone.localdate(self.ago(ago))

    def lay_back(self, enrollment, key, days):
        sent = self.ago(days)
        opened = sent - datetime.timedelta(minutes=14)
        Response.objects.filter(enrollment=enrollment, activity_key=key).update(opened_at=opened, submitted_at=sent)


def _title(name):
    """ "Dra." or "Dr.": every woman's first name in the list ends in a, but for two."""
    first = name.split()[0]
    return "Dra." if first.endswith("a") or first in ("Pilar", "Rosario") else "Dr."


def people():
    """The people of the finished cohort. They are in the figures and sign in like everybody else."""
    for place, (name, where, profession) in enumerate(FINISHED, start=1):
        country = PLACES[where][0]
        hospital = {"BR": "Hospital do Vale (fictício)"}.get(country, "Hospital San Rafael del Río (ficticio)")
        yield Person(f"mentor-{place:02}", _title(name), name, where, profession, hospital, "yes")
