"""A demonstration: one running cohort in which every state occurs, made through the same acts that people use."""

import datetime
import random

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone, translation

from content.demo_finished import FinishedCohort
from content.demo_people import (
    EDITOR,
    EVALUATOR,
    LEAD,
    OPERATOR,
    OTHER_LEAD,
    OTHER_TRAINEES,
    TRAINEES,
    TRAINERS,
    WISHES,
)
from content.demo_planning import Planning, tell_what_is_due
from content.demo_rooms import Rooms
from content.keys import curriculum_key, module_key
from curriculum import assignments, certification, cohort_setup, cohorts, progress
from curriculum.desk import EDITORS
from curriculum.models import AssignmentPage, Certificate, Cohort, Completion, Consent, Enrollment, Invitation, LessonPage
from curriculum.outline import outline_of
from evaluations import agreement, answering, checks, teachback, wave_plan
from evaluations.models import Instrument, Response
from evaluations.pages import page_of
from evaluations.questions.likert import NOT_APPLICABLE
from evaluations.questions.reading import questions_of
from notifications.models import Message

PASSWORD = "puente-demo-2027"  # noqa: S105 (printed for everybody; ALLOW_DEMO guards it)
COHORT, OTHER_COHORT, CURRICULUM = "LATAM 2027", "Cono Sur 2027", "train-the-trainer"
CONSENT_WORDING = "2026-11"
Role, Status = Enrollment.Role, Enrollment.Status


def is_loaded():
    return get_user_model().objects.filter(email=LEAD.email, is_demo=True).exists()


def load_demo():
    """Makes the demonstration unless it is there; returns the link of the open invitation, or `None`."""
    with transaction.atomic(), translation.override("es"):
        if is_loaded():
            return None
        link = Demo(random.Random(2027)).make()  # noqa: S311 (no secret)
        # Nobody reads these addresses: the mails count as sent.
        people = get_user_model().objects.filter(is_demo=True)
        for message in Message.objects.filter(user__in=people):
            message.context = {name: "" if name.startswith("secret_") else value for name, value in message.context.items()}
            message.sent_at = message.created_at
            message.save(update_fields=["context", "sent_at"])
        return link


class Demo:
    def __init__(self, chance):
        self.chance, self.now = chance, timezone.now()
        self.today = timezone.localdate()
        self.password = make_password(PASSWORD)  # once: a strong hash takes its time

    def make(self):
        self.lead = self.account(LEAD)
        self.account(OPERATOR, is_staff=True, is_superuser=True)
        self.account(EDITOR).groups.add(Group.objects.get(name=EDITORS))
        self.cohort = self.running_cohort()
        self.trainers = [self.join(person, role=Role.TRAINER).user for person in TRAINERS]
        self.evaluator = self.account(EVALUATOR)
        for state in TRAINEES:
            getattr(self, "make_" + state.replace("-", "_"))(TRAINEES[state])
        self.other_cohort()
        finished = FinishedCohort(self, self.trainers)
        finished.make()
        wave_plan.plan_usual(self.cohort, self.lead)
        Rooms(self, finished).make()
        Planning(self, finished).make()
        tell_what_is_due()
        return self.link

    # --- accounts and cohorts --------------------------------------------------------------------------------------
    def account(self, person, **rights):
        """A person who can sign in and has a complete profile."""
        profile = {**person.profile, "certificate_name": person.name, "has_service": person.has_service}
        user = get_user_model().objects.create(
            email=person.email, password=self.password, is_demo=True, profile_completed_at=self.ago(31), **profile, **rights
        )
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        for purpose in (Consent.Purpose.TRAINING_RECORD, Consent.Purpose.EVALUATION):
            Consent.objects.create(
                user=user, purpose=purpose, version=CONSENT_WORDING, language=user.language, given=True, at=self.ago(31)
            )
        return user

    def running_cohort(self):
        cohort = self.new_cohort(COHORT, self.lead, -28, 70, ["MX", "BR", "CO", "AR"], "America/Mexico_City")
        cohort = cohort_setup.start(cohort)
        opens = self.ago(-14).replace(hour=15, minute=0, second=0, microsecond=0)
        return cohort_setup.set_releases(cohort, {module_key(CURRICULUM, "starting"): opens})

    def other_cohort(self):
        lead = self.account(OTHER_LEAD)
        cohort = self.new_cohort(OTHER_COHORT, lead, 60, 160, ["AR"], "America/Argentina/Buenos_Aires")
        candidate, invited = (self.candidate(person, cohort, lead) for person in OTHER_TRAINEES)
        cohorts.invite(cohorts.decide(invited, Status.SELECTED, lead), lead)
        return candidate

    def new_cohort(self, name, lead, first_day, last_day, countries, zone):
        days = [self.today + datetime.timedelta(days=days) for days in (first_day, last_day)]
        cohort = Cohort(
            name=name, curriculum_key=curriculum_key(CURRICULUM), countries=countries, time_zone=zone,
            starts_on=days[0], ends_on=days[1], capacity=20,
        )  # fmt: skip
        return cohort_setup.create(cohort, lead)

    # --- ways into the cohort --------------------------------------------------------------------------------------
    def candidate(self, person, cohort=None, by=None, role=Role.TRAINEE):
        enrollment = cohorts.add_candidate(cohort or self.cohort, person.email, by or self.lead, role=role, **person.profile)
        get_user_model().objects.filter(pk=enrollment.user_id).update(is_demo=True)
        return enrollment

    def join(self, person, role=Role.TRAINEE, days=32):
        user = self.account(person)
        enrollment = self.candidate(person, role=role)
        if role == Role.TRAINEE:
            enrollment = cohorts.decide(enrollment, Status.SELECTED, self.lead)
        enrollment = cohorts.accept(cohorts.invite(enrollment, self.lead), user)
        self.backdate(enrollment, days)
        return enrollment

    def student(self, person, activities, days=20):
        """Somebody who has done the first `activities` required activities, the last one `days` days after the first."""
        enrollment = self.join(person)
        for activity in self.required(enrollment)[:activities]:
            self.do(enrollment, activity)
        self.spread(enrollment, 24, max(24 - days, 1))
        return enrollment

    def required(self, enrollment):
        return [activity for activity in outline_of(enrollment.cohort).activities if activity.required]

    # --- the states ------------------------------------------------------------------------------------------------
    def make_studying(self, person):
        self.student(person, 3)

    def make_second_module(self, person):
        self.student(person, 6)

    def make_first_module(self, person):
        self.student(person, 5)

    def make_failed_quiz(self, person):
        enrollment = self.student(person, 4)
        self.ask(enrollment, self.required(enrollment)[4], share_right=0.4)

    def make_ready(self, person):
        self.student(person, 100)

    def make_certified(self, person):
        return certification.issue(self.student(person, 100, days=18), self.lead)

    def make_revoked(self, person):
        certificate = certification.issue(self.student(person, 100, days=15), self.lead)
        reason = "Se emitió antes de la fecha acordada con la cohorte."
        certification.revoke(certificate, self.lead, Certificate.RevokeClass.MISTAKE, reason)

    def make_expired(self, person):
        certificate = certification.issue(self.student(person, 100, days=12), self.lead)
        # Nobody can wait two years for a demonstration: only the dates are moved.
        Certificate.objects.filter(pk=certificate.pk).update(
            issued_at=self.ago(735), expires_on=self.today - datetime.timedelta(days=5)
        )

    def make_paused(self, person):
        cohorts.decide(self.student(person, 4, days=8), Status.PAUSED, self.lead, "Licencia hasta el próximo mes.")

    def make_withdrawn(self, person):
        cohorts.decide(self.student(person, 2, days=5), Status.WITHDRAWN, self.lead, "Cambió de puesto.")

    def make_needs_half_done(self, person):
        enrollment = self.join(person, days=20)  # late: the cohort began before
        self.ask(enrollment, self.required(enrollment)[0], until=9)

    def make_profile_unfinished(self, person):
        user = self.join(person).user
        user.consents.all().delete()
        user.profile_completed_at, user.country, user.certificate_name, user.profession = None, "", "", ""
        user.save(update_fields=["profile_completed_at", "country", "certificate_name", "profession"])

    def make_invited(self, person):
        enrollment = cohorts.decide(self.candidate(person), Status.SELECTED, self.lead)
        invitation = cohorts.invite(enrollment, self.lead)
        self.link = Message.objects.get(dedupe_key=f"invitation:{invitation.pk}").context["secret_url"]

    def make_candidate(self, person):
        self.candidate(person)

    def make_not_selected(self, person):
        reason = "Este año hay una persona por hospital; se le avisará de la próxima cohorte."
        cohorts.decide(self.candidate(person), Status.NOT_SELECTED, self.lead, reason)

    # --- studying --------------------------------------------------------------------------------------------------
    def do(self, enrollment, activity):
        if activity.kind == "lesson":
            self.answer_checks(enrollment, activity)
            progress.complete(enrollment, activity.key)
        elif activity.kind == "assignment":
            page = AssignmentPage.objects.filter(translation_key=activity.key, live=True).first()
            text = self.chance.choice(WISHES[enrollment.user.language])
            assignments.judge(assignments.hand_in(enrollment, page, text, None), self.lead, accepted=True)
        elif activity.kind == "teach-back":
            self.observe(enrollment, activity)
        else:
            self.ask(enrollment, activity, share_right=1.0)

    def observe(self, enrollment, activity):
        """A simulation that two trainers found good."""
        one = teachback.plan(enrollment, agreement.page_for(activity.key), self.trainers[0], "Reunión con la dirección")
        for rater in self.trainers:
            rating = teachback.rating_of(one, rater)
            teachback.save_marks(rating, {question.pk: "3" for question in questions_of(one.instrument_id)})
            teachback.close(rating)
        teachback.settle(one, self.trainers[0])

    def answer_checks(self, enrollment, activity):
        lesson = LessonPage.objects.filter(translation_key=activity.key, live=True).first()
        asked = checks.checks_of(lesson)
        instruments = Instrument.objects.filter(questions__in=asked).distinct()
        questions = [question for instrument in instruments for question in questions_of(instrument.pk) if question.pk in asked]
        for question in questions:
            right = self.chance.random() < 0.75
            checks.answer(enrollment, activity.key, question, self.choice(question, right), 1, enrollment.user.language)

    def ask(self, enrollment, activity, share_right=1.0, until=None):
        """Opens the activity's questions, answers them (the first `until`, or all and sends them)."""
        response = answering.open_response(enrollment, page_of(activity.key), enrollment.user.language)
        questions = questions_of(response.instrument_id)
        for number, question in enumerate(questions[:until]):
            right = number < len(questions) * share_right
            answering.save_answer(response, question, self.answer(question, enrollment, right))
        if until is None:
            answering.submit(response)

    def answer(self, question, enrollment, right):
        return ANSWERS[question.kind](self, question, enrollment, right)

    def choice(self, question, right):
        keys = [choice["key"] for choice in question.choices]
        correct = sorted(question.correct_keys())
        if question.kind == "multiple-choice":
            return correct if right else [key for key in keys if key not in correct][:1]
        if not correct:
            return self.chance.choice(keys)
        return correct[0] if right else self.chance.choice([key for key in keys if key not in correct])

    def rating(self, question):
        if question.allow_not_applicable and self.chance.random() < 0.04:
            return NOT_APPLICABLE
        low, high = (2, 5) if question.aspect == "importance" else (1, 4)
        return self.chance.randint(low, high)

    # --- dates -----------------------------------------------------------------------------------------------------
    def ago(self, days):
        return self.now - datetime.timedelta(days=days)

    def backdate(self, enrollment, days):
        """What just happened to this person happened `days` days ago."""
        moment = self.ago(days)
        Enrollment.objects.filter(pk=enrollment.pk).update(enrolled_at=moment, created_at=moment)
        enrollment.changes.update(at=moment)
        Invitation.objects.filter(enrollment=enrollment).update(created_at=moment, accepted_at=moment)
        enrollment.enrolled_at = moment

    def spread(self, enrollment, first, last):
        """Lays what the person has done evenly between `first` and `last` days ago."""
        done = list(Completion.objects.filter(enrollment=enrollment).order_by("pk"))
        step = (first - last) / max(len(done) - 1, 1)
        for number, completion in enumerate(done):
            moment = self.ago(first - number * step)
            Completion.objects.filter(pk=completion.pk).update(at=moment)
            responses = Response.objects.filter(enrollment=enrollment, activity_key=completion.activity_key)
            responses.update(opened_at=moment - datetime.timedelta(minutes=9), submitted_at=moment)


ANSWERS = {
    "single-choice": lambda demo, question, enrollment, right: demo.choice(question, right),
    "multiple-choice": lambda demo, question, enrollment, right: demo.choice(question, right),
    "likert": lambda demo, question, enrollment, right: demo.rating(question),
    "number": lambda demo, question, enrollment, right: demo.chance.choice([120, 180, 240, 400, 650]),
    "short-text": lambda demo, question, enrollment, right: "",
    "long-text": lambda demo, question, enrollment, right: demo.chance.choice(WISHES[enrollment.user.language]),
}
