import io

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content.demo import COHORT, OTHER_COHORT, PASSWORD
from content.demo_people import LOGINS, TRAINEES, TRAINERS
from curriculum import certification
from curriculum.models import Certificate, Cohort, Completion, Enrollment
from curriculum.progress import progress_of
from evaluations.models import Answer, Instrument, Response
from evaluations.needs import cohort_needs
from notifications.models import Message
from sessions.models import LeadGroup, QuarterSlot, Series, SlotChange
from tests.factories import EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture(scope="module")
def printed(django_db_setup, django_db_blocker):
    """The demonstration, loaded once for all tests of this file and rolled back after them; gives what was printed."""
    out = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demo(printed, db):
    return Cohort.objects.get(name=COHORT)


def person(state):
    return Enrollment.objects.get(user__email=TRAINEES[state].email)


def counts():
    models = (User, Cohort, Enrollment, Response, Answer, Completion, Certificate, Message)
    return {model.__name__: model.objects.count() for model in models}


def test_every_state_occurs(demo):
    states = {state: person(state).status for state in TRAINEES}
    assert states == {
        "studying": "enrolled", "second-module": "enrolled", "failed-quiz": "enrolled", "first-module": "enrolled",
        "ready": "enrolled", "certified": "certified", "revoked": "enrolled", "expired": "certified", "paused": "paused",
        "withdrawn": "withdrawn", "needs-half-done": "enrolled", "profile-unfinished": "enrolled", "invited": "selected",
        "candidate": "candidate", "not-selected": "not_selected",
    }  # fmt: skip
    done = {state: progress_of(person(state)).done for state in TRAINEES}
    assert done["studying"] == 3
    assert done["first-module"] == 5
    assert done["second-module"] == 6
    assert done["ready"] == done["certified"] == 10
    assert done["needs-half-done"] == done["invited"] == 0


def test_the_cohort_runs_today_with_a_lead_and_two_trainers(demo):
    assert demo.status == Cohort.Status.RUNNING
    assert demo.starts_on < timezone.localdate() < demo.ends_on
    assert demo.outline
    members = Enrollment.objects.filter(cohort=demo, status="enrolled")
    assert [row.user.email for row in members.filter(role="lead")] == ["lead@demo.example.org"]
    assert members.filter(role="trainer").count() == len(TRAINERS) == 2
    people = [row.user for row in Enrollment.objects.filter(cohort=demo, role="trainee").select_related("user")]
    assert {str(user.country) for user in people} >= {"MX", "BR", "CO", "AR"}
    seven = {"orthopaedics", "rehabilitation", "rheumatology", "endocrinology", "geriatrics", "gynaecology", "internal_medicine"}
    assert {user.profession for user in people} >= seven


def test_the_other_cohort_is_planned_and_somebody_elses(demo):
    other = Cohort.objects.get(name=OTHER_COHORT)
    assert other.status == Cohort.Status.PLANNED
    lead = User.objects.get(email="lead@demo.example.org")
    assert not Cohort.objects.accessible_to(lead).filter(pk=other.pk).exists()


def test_there_are_enough_answers_to_show_needs(demo):
    needs = cohort_needs(demo)
    assert needs.answered >= 5
    assert needs.shown
    assert len(needs.areas) == 9
    assert needs.widest


def test_certificates_are_valid_expired_and_revoked(demo):
    expected = {"certified": "valid", "expired": "expired", "revoked": "revoked"}
    assert {state: certification.verify(person(state).certificates.get().code).outcome for state in expected} == expected
    assert all(state.met for state in certification.requirements_of(person("ready")))


def test_the_failed_quiz_is_closed_and_not_passed(demo):
    failed = Response.objects.filter(enrollment=person("failed-quiz"), passed=False)
    assert failed.count() == 1
    assert failed.get().submitted_at


def test_everybody_is_marked_and_nobody_gets_mail(demo, mailoutbox):
    assert not User.objects.filter(is_demo=False).exists()
    assert mailoutbox == []
    assert not Message.objects.filter(sent_at__isnull=True).exists()
    assert all(user.email.endswith("@demo.example.org") for user in User.objects.all())


def test_the_printed_logins_work(demo, printed, client):
    for slug, what in LOGINS:
        email = f"{slug}@demo.example.org"
        assert f"{email} " in printed
        assert what in printed
        assert client.login(email=email, password=PASSWORD), email
        assert User.objects.get(email=email).emailaddress_set.get().verified
        assert client.get("/es/today/", follow=True).status_code == 200, email


def test_the_open_invitation_is_printed_and_leads_somewhere(demo, printed, client):
    link = printed.split("opened: ")[1].split()[0]
    assert client.get(link.replace(django_settings.SITE_BASE_URL, ""), follow=True).status_code == 200


def test_twice_changes_nothing(demo):
    before = counts()
    with CaptureQueriesContext(connection) as queries:
        call_command("load_demo")
    assert counts() == before
    changes = [query["sql"] for query in queries if query["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")]
    assert changes == []


def test_the_same_answers_each_time(demo):
    def answers():
        rows = Answer.objects.order_by("response__enrollment__user__email", "question__instrument__key", "question__key", "pk")
        return list(rows.values_list("response__enrollment__user__email", "question__key", "value"))

    first = answers()
    call_command("reset_demo")
    assert answers() == first


@pytest.mark.parametrize("command", ["load_demo", "reset_demo"])
def test_refused_where_demos_are_not_allowed(command, settings, demo):
    settings.ALLOW_DEMO = False
    before = counts()
    with pytest.raises(CommandError, match="ALLOW_DEMO=1"):
        call_command(command)
    assert counts() == before


def test_allowed_by_hand_and_removed_without_leave(settings, demo):
    settings.ALLOW_DEMO = False
    call_command("reset_demo", "--remove")
    assert not User.objects.exists()
    call_command("load_demo", "--allow-demo")
    assert User.objects.filter(is_demo=True).exists()


def test_removing_leaves_real_people_and_content(demo):
    real = EnrollmentFactory(cohort__curriculum_key=demo.curriculum_key)
    call_command("reset_demo", "--remove")
    assert list(Enrollment.objects.all()) == [real]
    assert not Message.objects.exists()
    assert Instrument.objects.filter(locked_at__isnull=True).count() == Instrument.objects.count() > 5


def test_removing_is_refused_while_a_real_person_is_in_a_demo_cohort(demo):
    EnrollmentFactory(cohort=demo, user=UserFactory(email="real@example.org"))
    before = counts()
    with pytest.raises(CommandError, match=r"real@example\.org"):
        call_command("reset_demo")
    assert counts() == before


def test_there_are_meetings_to_announce_and_announced_ones(demo, client):
    client.force_login(User.objects.get(email="lead@demo.example.org"))
    coming = demo.meetings.filter(starts_at__gt=timezone.now())
    assert {one.state for one in coming} == {"draft", "scheduled"}
    draft = coming.filter(state="draft").first()
    page = client.get(f"/en/live/{draft.pk}/announce/")
    assert [one.series_id for one in page.context["go"]] == [draft.series_id] * 2
    assert page.context["reach"].people


def test_what_was_planned_in_the_demonstration_goes_with_it(demo):
    """A visitor plans a series; a quarter that real people declined keeps its history; then the demonstration comes again."""
    lead = User.objects.get(email="lead@demo.example.org")
    Series.objects.create(cohort=demo, title="x", wall_time="18:00", time_zone="America/Mexico_City", created_by=lead)
    declined = QuarterSlot.objects.create(quarter="2090-Q1")
    SlotChange.objects.create(slot=declined, what="declined", reason="No time")
    call_command("reset_demo", "--remove")
    assert not Series.objects.exists()
    assert list(QuarterSlot.objects.all()) == [declined]


def test_the_demonstration_leaves_quarters_of_real_groups_alone(demo):
    call_command("reset_demo", "--remove")
    group, today = LeadGroup.objects.create(name="Real"), timezone.localdate()
    quarters = [f"{year}-Q{number}" for year in (today.year - 1, today.year, today.year + 1) for number in (1, 2, 3, 4)]
    QuarterSlot.objects.bulk_create(QuarterSlot(quarter=one) for one in quarters[::2])
    QuarterSlot.objects.bulk_create(QuarterSlot(quarter=one, group=group, state="accepted") for one in quarters[1::2])
    call_command("load_demo")
    assert QuarterSlot.objects.filter(group=group).count() == len(quarters[1::2])
    assert QuarterSlot.objects.filter(group__created_by__is_demo=True).exists()
