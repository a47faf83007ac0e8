"""For each message the real act that writes it; `ACTS[what](monkeypatch)`. Who gets it, and in which words, is the act's own affair."""

import datetime
import uuid

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum import attention_writing, certification, cohorts
from curriculum.models import HandIn
from evaluations import following_up, wave_clock, wave_mail
from evaluations.models import ExportJob
from evaluations.takeaway import making
from notifications import digest, outbox, trying_words, wordings
from notifications.models import Habit, Preference
from sessions import afterwards, rotation, schedule, telling
from sessions.models import Material, Outcome
from tests.curriculum import test_assignments, test_attention, test_renewals, test_selection_mail
from tests.curriculum.certifying import certified, make_programme
from tests.evaluations import committed_people, test_teachback, waving
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.notifications.people import person
from tests.sessions import test_places
from tests.sessions.answering import said_by
from tests.sessions.planning import planned, signed, url
from tests.sessions.rotating import a_group, a_lead, at, the_days

DAY = datetime.timedelta(days=1)


def account(_clock):
    Client().post(reverse("account_reset_password"), {"email": UserFactory(language="es").email})


def invitation(_clock):
    lead = EnrollmentFactory(cohort=CohortFactory(), role="lead")
    selected = EnrollmentFactory(cohort=lead.cohort, status="selected", enrolled_at=None)
    return cohorts.invite(selected, lead.user)


def invitation_renewed(clock):
    first = invitation(clock)
    type(first).objects.update(created_at=timezone.now() - DAY)
    cohorts.renew(first)


def selection(_clock):
    lead = EnrollmentFactory(cohort=CohortFactory(), role="lead")
    for status in ("selected", "not_selected"):
        candidate = EnrollmentFactory(cohort=lead.cohort, status="candidate", enrolled_at=None)
        test_selection_mail.press(lead.user, candidate, status, "A reason")


# --- meetings ----------------------------------------------------------------------------------------------------------


def meeting_request(_clock):
    here = planned(preparation="Leer.", place="Siglo XXI")
    telling.bring_up_to_date(here.meeting.pk)
    return here


def meeting_update(clock):
    here = _told(clock)
    schedule.change(here.meeting, starts_at=here.meeting.starts_at + DAY)
    telling.bring_up_to_date(here.meeting.pk)


def meeting_cancel(clock):
    here = _told(clock)
    schedule.cancel(here.meeting, "Huelga")
    telling.bring_up_to_date(here.meeting.pk)


def _told(clock):
    here = meeting_request(clock)
    outbox.deliver_due()
    return here


def place_free(_clock):
    here = test_places.full()
    said_by(here.inside[0], here.meeting, "no")


def reminder_day(_clock):
    here = planned(hours=20, preparation="Leer.")
    Material.objects.create(meeting=here.meeting, title="Guía", url="https://example.org/", minutes=10)
    call_command("remind", verbosity=0)


def reminder_soon(_clock):
    here = planned(hours=0.2)
    Preference.objects.create(user=here.trainee, kind="reminder_soon", mail=True)
    call_command("remind", verbosity=0)


def meeting_summary(_clock):
    here = planned(hours=-2, state="ended", recording_url="https://video.example.org/1")
    for what in Outcome.What.values:
        Outcome.objects.create(meeting=here.meeting, what=what, text=f"Dicho {what}", owner_name="Ana", due=timezone.localdate())
    afterwards.meeting_ended(here.meeting)


# --- questionnaires ----------------------------------------------------------------------------------------------------


def wave_open(_clock):
    here = waving.cohort_with_people()
    waving.planned(here.cohort)
    waving.planned(here.cohort, waving.make_survey("second"), promise="anonymous", moment="session", number=1)
    wave_clock.run()


def wave_nudge(_clock):
    here = waving.cohort_with_people()
    wave_mail.remind(waving.planned(here.cohort), [here.enrollment.pk])


def commitment_reminder(_clock):
    committed_people.world(days_ago=22)
    following_up.tell()


def commitment_follow_up(_clock):
    committed_people.world(days_ago=91)
    following_up.tell()


def attention(_clock):
    place = test_attention.Place()
    place.person(full_name="Ana Pérez")
    for item in [one for one in place.items() if one.person]:
        attention_writing.remind(item.person, [item], place.trainer)


# --- one's work --------------------------------------------------------------------------------------------------------


def assignment_judged(_clock):
    here = test_assignments.build()
    for decision in ("returned", "accepted"):
        number = HandIn.objects.count() + 1
        one = test_assignments.handed(here, number=number)
        assert test_assignments.decide(here, one, decision, "Falta una fecha.").status_code == 302


def teach_back_settled(_clock):
    here = test_teachback.build()
    one = test_teachback.planned(here)
    for rater in (0, 1):
        test_teachback.rate(here, one, rater, (4, 3, 4), close="1")
    test_teachback.settle(here, one)


def certificate_issued(_clock):
    programme = make_programme()
    return programme, certified(programme)


def certificate_revoked(clock):
    programme, certificate = certificate_issued(clock)
    certification.revoke(certificate, programme.lead, "mistake", "Entregado a otra persona")


def certificate_renewal(_clock):
    for days in (14, -1):
        test_renewals.certificate(days)
    call_command("remind_renewals", verbosity=0)


# --- leading, and the rest ---------------------------------------------------------------------------------------------


def meeting_duty(clock):
    at(clock, "2026-12-05")
    lead, group = a_lead(), a_group("Andes", "CO", size=3)
    rotation.assign("2027-Q2", group.pk, lead)
    signed(lead).post(url("year_dates", 2027), the_days(q2="2027-05-20"))
    return group


def checklist_step(clock):
    group = meeting_duty(clock)
    rotation.accept("2027-Q2", group.people[0])
    at(clock, "2027-04-10")
    call_command("nudge_duties", verbosity=0)


def personal(_clock):
    place = test_attention.Place()
    attention_writing.write([place.person().user], "Sobre su plan", "Hola.\n\n¿Cómo va?", place.lead, uuid.uuid4())


def export_ready(_clock):
    lead = EnrollmentFactory(cohort=CohortFactory(), role="lead")
    for ready in (True, False):
        job = ExportJob.objects.create(cohort=lead.cohort, by=lead.user, format="xlsx", options={"language": "es"})
        making.tell(job, ready, timezone.now())


def wording_test(_clock):
    lead = person(CohortFactory(), "lead")
    trying_words.send_test("wave_open", "es", *wordings.shipped("wave_open", "es"), lead.user)


def digest_mail(_clock):
    user = UserFactory()
    Habit.objects.create(user=user, digest="daily", quiet_from=datetime.time(0), quiet_until=datetime.time(0))
    words = {"title": "Tarea", "accepted": True, "comment": "", "url": "http://testserver/es/today/"}
    outbox.enqueue("assignment_judged", user, "j:1", words)
    digest.send_due(timezone.now() + DAY * 2)


ACTS = {
    act.__name__: act
    for act in (
        account, invitation, invitation_renewed, selection, meeting_request, meeting_update, meeting_cancel, place_free, reminder_day,
        reminder_soon, meeting_summary, wave_open, wave_nudge, commitment_reminder, commitment_follow_up, attention, assignment_judged,
        teach_back_settled, certificate_issued, certificate_revoked, certificate_renewal, meeting_duty, checklist_step, personal,
        export_ready, wording_test,
    )
} | {"digest": digest_mail}  # fmt: skip
