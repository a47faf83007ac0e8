"""People, one of everything that has an address, and who may reach which route: shared by the tests that try all routes."""

import contextlib
import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.test import Client
from wagtail.models import Page

from curriculum import outline
from curriculum.models import AssignmentPage, Certificate, HandIn
from tests import factories
from tests.lms import rows_evaluations, rows_live, rows_messages, rows_planning

PEOPLE = (
    "anonymous",
    "trainee",
    "outsider",
    "trainer",
    "lead",
    "other_lead",
    "withdrawn",
    "editor",
    "deactivated",
    "operator",
    "evaluator",
)
RUNNERS = {"trainer", "lead", "operator"}
LEADS = {"lead", "operator"}
NOBODY = {"anonymous", "deactivated"}


@dataclass
class Row:
    """`get` and `post` map a person to the expected status (or a set of them); "*" is everybody else. `None`: not allowed (405)."""

    kwargs: object = field(default_factory=dict)
    get: dict | None = None
    post: dict | None = None
    data: dict = field(default_factory=dict)


def allow(people, status, others=404):
    return {**dict.fromkeys(people, status), **dict.fromkeys(NOBODY, "login"), "*": others}


def everyone(status):
    return {"*": status}


SIGNED_IN = {**dict.fromkeys(NOBODY, "login"), "*": {200, 302}}
OWN = allow({"trainee"}, {200, 302, 303})
RUN = allow(RUNNERS, {200, 302})
LEAD = {**allow(LEADS, {200, 302}), "trainer": 403}
# One's own enrolment and certificate are no secret: there the answer is "not allowed" instead of "not found".
OWN_LEAD = {**LEAD, "trainee": {403, 404}}
LEAD_POST = {**allow(LEADS, {200, 302, 303, 400, 409, 422}), "trainer": 403}
OWN_LEAD_POST = {**LEAD_POST, "trainee": {403, 404}}

ROWS = {
    "healthz": Row(get=everyone(200), post=everyone(200)),
    "readyz": Row(get=everyone(200), post=everyone(200)),
    "service_worker": Row(get=everyone(200)),
    "robots": Row(get=everyone(200)),
    "today": Row(get=SIGNED_IN),
    "profile": Row(get=SIGNED_IN),
    "profile_step": Row(kwargs={"step": "name"}, get=SIGNED_IN, post={**dict.fromkeys(NOBODY, "login"), "*": {200, 302, 422}}),
    "account": Row(get=SIGNED_IN, post={**dict.fromkeys(NOBODY, "login"), "*": {200, 302, 405, 422}}),
    "account_colours": Row(post={**dict.fromkeys(NOBODY, "login"), "*": {200, 302, 422}}),
    "offline": Row(get=everyone(200)),
    "search": Row(get=everyone(200)),
    "privacy": Row(get=everyone({200, 302})),
    "front": Row(get=everyone(200), post=everyone({200, 405})),
    "wagtail_serve": Row(
        kwargs=lambda world: [world.lesson_path],
        get=allow(RUNNERS | {"trainee", "editor"}, 200, others=403),
        post=allow(RUNNERS | {"trainee", "editor"}, {200, 405}, others={403, 405}),  # reading, whatever the method
    ),
    "curriculum:complete": Row(kwargs=lambda world: {"key": world.lesson_key}, post=allow({"trainee"}, {302, 303})),
    "curriculum:reopen": Row(kwargs=lambda world: {"key": world.lesson_key}, post=allow({"trainee"}, {302, 303})),
    "curriculum:hand_in": Row(kwargs=lambda world: {"key": world.assignment_key}, post=allow({"trainee"}, {409, 422})),
    "curriculum:hand_ins": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=RUN),
    "curriculum:hand_in_judge": Row(
        kwargs=lambda world: {"pk": world.hand_in.pk},
        get={**RUN, "trainee": 403},  # one's own text is read on the assignment's page
        post={**allow(RUNNERS, 422), "trainee": 403},
    ),
    "curriculum:programme": Row(get=SIGNED_IN, post=SIGNED_IN),
    "curriculum:use_enrollment": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, post=OWN),
    "curriculum:invitation": Row(kwargs=lambda world: {"token": "not-a-token-of-ours"}, get=everyone({404, 410}), post=everyone({404, 410})),
    "curriculum:invitation_renew": Row(kwargs=lambda world: {"token": "not-a-token-of-ours"}, post=everyone({200, 302, 404, 410})),
    "curriculum:cohorts": Row(get={**dict.fromkeys(NOBODY, "login"), **dict.fromkeys(RUNNERS | {"other_lead"}, 200), "*": {403, 404}}),
    "curriculum:cohort_create": Row(
        get={**dict.fromkeys(NOBODY, "login"), **dict.fromkeys(LEADS | {"other_lead"}, 200), "*": {403, 404}},
        post={**dict.fromkeys(NOBODY, "login"), **{name: {200, 422} for name in LEADS | {"other_lead"}}, "*": {403, 404}},
    ),
    "curriculum:cohort": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=RUN),
    "curriculum:cohort_edit": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:cohort_start": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:cohort_adopt": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:cohort_releases": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:people_add": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:people_import": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=LEAD, post=LEAD_POST),
    "curriculum:enrollment": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, get=RUN),
    "curriculum:enrollment_decide": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "curriculum:enrollment_invite": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, post=OWN_LEAD_POST),
    "curriculum:enrollment_transfer": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "curriculum:enrollment_releases": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "curriculum:certificate": Row(get={**dict.fromkeys(NOBODY, "login"), "*": 200}),
    "curriculum:certificate_pdf": Row(kwargs=lambda world: {"code": world.certificate.code}, get=allow(RUNNERS | {"trainee"}, 200)),
    "curriculum:certificate_name_public": Row(kwargs=lambda world: {"code": world.certificate.code}, post={**OWN, **dict.fromkeys(RUNNERS, 403)}),
    "curriculum:certificate_issue": Row(kwargs=lambda world: {"pk": world.enrollment.pk}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "curriculum:certificate_revoke": Row(kwargs=lambda world: {"code": world.certificate.code}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "curriculum:certificate_renew": Row(kwargs=lambda world: {"code": world.certificate.code}, get=OWN_LEAD, post=OWN_LEAD_POST),
    "verification:form": Row(get=everyone({200, 302})),
    "verification:verify": Row(kwargs=lambda world: {"code": world.certificate.code}, get=everyone(200)),
    "verification:json": Row(kwargs=lambda world: {"code": world.certificate.code}, get=everyone(200)),
    "evaluations:start": Row(kwargs=lambda world: {"key": uuid.uuid4()}, post=allow(set(), 404)),
    "evaluations:resume": Row(kwargs=lambda world: {"pk": world.response.pk}, get=OWN),
    "evaluations:question": Row(kwargs=lambda world: {"pk": world.response.pk, "number": 1}, get=OWN, post=allow({"trainee"}, {200, 302, 422})),
    "evaluations:check_answers": Row(kwargs=lambda world: {"pk": world.response.pk}, get=OWN),
    "evaluations:submit": Row(kwargs=lambda world: {"pk": world.response.pk}, post=allow({"trainee"}, {200, 302, 422})),
    "evaluations:result": Row(kwargs=lambda world: {"pk": world.response.pk}, get=allow({"trainee"}, {200, 302})),
    "evaluations:save_answer": Row(post={**dict.fromkeys(NOBODY, 401), "*": {400, 404, 422}}),
    "evaluations:check": Row(kwargs=lambda world: {"pk": world.question.pk}, post={**dict.fromkeys(NOBODY, "login"), "*": {302, 400, 403, 404, 422}}),
    "evaluations:cohort_needs": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=RUN),
}  # fmt: skip

ROWS |= rows_evaluations.rows(Row, allow, everyone, SIGNED_IN)
ROWS |= rows_live.rows(Row, allow, everyone, SIGNED_IN)
ROWS |= rows_messages.rows(Row, allow, everyone, SIGNED_IN)
ROWS |= rows_planning.rows(Row, allow, everyone, SIGNED_IN)


class World:
    """A running cohort with its people, another one beside it, and one of everything that has an address."""

    def __init__(self):
        curriculum = factories.make_curriculum(modules=1, lessons=2)
        self._make_assignment(curriculum)
        self.cohort = factories.CohortFactory(curriculum_key=curriculum.key)
        other = factories.CohortFactory(curriculum_key=uuid.uuid4())
        outline.freeze(self.cohort)
        self.people = {name: factories.UserFactory(email=f"{name}@example.org") for name in PEOPLE if name != "anonymous"}
        self.enrollment = self._enroll("trainee", self.cohort, "trainee")
        self._enroll("outsider", other, "trainee")
        self._enroll("trainer", self.cohort, "trainer")
        self._enroll("lead", self.cohort, "lead")
        self._enroll("other_lead", other, "lead")
        self._enroll("withdrawn", self.cohort, "trainee", "withdrawn")
        self._enroll("deactivated", self.cohort, "lead")
        self._enroll("evaluator", self.cohort, "evaluator")
        self._make_operator_and_editor()
        lesson = outline.outline_of(self.cohort).activities[0]
        self.lesson_key = lesson.key
        self.lesson_path = outline.url_of(lesson.key, self.cohort.curriculum_key, "es").split("/es/", 1)[1]
        self._make_response_and_certificate(curriculum)
        rows_evaluations.make_evaluations(self)
        rows_live.make_live(self)
        rows_messages.make_messages(self)
        rows_planning.make_planning(self)
        self.seats = {name: self.client(name) for name in PEOPLE}  # signed in once, for tests that only look
        self.hand_in = HandIn.objects.create(
            enrollment=self.enrollment, activity_key=self.assignment_key, number=1, text="Mi plan.", client_id=uuid.uuid4()
        )

    def _make_assignment(self, curriculum):
        self.assignment_key = uuid.uuid4()
        module = Page.objects.get(pk=curriculum.page(curriculum.module_keys[0]).pk)
        self.module = module
        page = AssignmentPage(
            title="Plan", slug="plan", brief="<p>…</p>", locale=module.locale, translation_key=self.assignment_key
        )
        module.add_child(instance=page)

    def _enroll(self, name, cohort, role, status="enrolled"):
        return factories.EnrollmentFactory(user=self.people[name], cohort=cohort, role=role, status=status)

    def _make_operator_and_editor(self):
        from django.contrib.auth.models import Group, Permission

        operator = self.people["operator"]
        operator.is_staff = operator.is_superuser = True
        operator.save()
        editors, _created = Group.objects.get_or_create(name="Editors")
        editors.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
        self.people["editor"].groups.add(editors)

    def _make_response_and_certificate(self, curriculum):
        from evaluations.models import Instrument, LongTextQuestion, Response

        instrument = Instrument.objects.create(key="matrix", kind="survey", title={"es": "Matriz"})
        self.question = LongTextQuestion.objects.create(instrument=instrument, key="free", order=1, text={"es": "¿Qué?"})
        self.response = Response.objects.create(enrollment=self.enrollment, instrument=instrument, activity_key=uuid.uuid4())
        self.certificate = Certificate.objects.create(
            enrollment=self.enrollment, code="7K3MQ9TDXW42", name="Ana Pérez", curriculum_key=curriculum.key,
            curriculum_title="Programa", curriculum_version="1", hours=20, language="es",
        )  # fmt: skip

    def client(self, name):
        client = Client(headers={"accept-language": "es"})
        if name != "anonymous":
            client.force_login(self.people[name], backend="django.contrib.auth.backends.ModelBackend")
        if name == "deactivated":
            self.people[name].is_active = False
            self.people[name].save()
        return client


@contextlib.contextmanager
def built_once(django_db_blocker):
    """A world for a whole module; the requests of its tests run in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        yield World()
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
