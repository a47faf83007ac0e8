"""Assignments: handing in, being judged, and everything in between that is refused."""

import datetime
import uuid
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page

from curriculum import assignments, progress
from curriculum.enrollment_states import Refused, Role
from curriculum.models import AssignmentPage, Completion, HandIn
from curriculum.outline import freeze
from notifications import mail
from notifications.models import Message
from tests.curriculum.conftest import study
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db
TITLES = {"es": "Su plan", "pt-br": "Seu plano", "en": "Your plan"}


def build(modules=2, **options):
    """A curriculum whose first module ends with an assignment, a running cohort with it, and its people."""
    made = make_curriculum(modules, 1, **options)
    made.assignment = uuid.uuid4()
    for language, title in TITLES.items():
        module = Page.objects.get(pk=made.page(made.module_keys[0], language).pk)
        module.add_child(
            instance=AssignmentPage(
                title=title, slug="plan", locale=module.locale, translation_key=made.assignment, minutes=30, max_length=200,
                brief=f"<p>{title}: noventa días.</p>", criteria="<ul><li>Una fecha</li></ul>",
            )
        )  # fmt: skip
    cohort = CohortFactory(curriculum_key=made.key)
    freeze(cohort)
    here = study(made, cohort=cohort)
    trainer = EnrollmentFactory(cohort=cohort, role=Role.TRAINER).user
    return SimpleNamespace(
        **vars(here),
        key=made.assignment,
        trainer=trainer,
        page=AssignmentPage.objects.get(slug="plan", locale__language_code="es"),
    )


@pytest.fixture
def here(db):
    return build()


def url(here, language="es"):
    return f"/{language}/programa/m1/plan/"


def send(here, text="Mi plan.", client=None, **data):
    data = {"text": text, "client_id": uuid.uuid4(), **data}
    return (client or here.client).post(f"/es/activities/{here.key}/hand-in/", data)


def handed(here, **fields):
    return HandIn.objects.create(
        **{
            "enrollment": here.enrollment,
            "activity_key": here.key,
            "number": 1,
            "text": "Mi plan.",
            "client_id": uuid.uuid4(),
            **fields,
        }
    )


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def decide(here, one, decision="accepted", comment="", user=None):
    client = signed_in(user or here.trainer)
    return client.post(reverse("curriculum:hand_in_judge", args=[one.pk]), {"decision": decision, "comment": comment})


# --- the way through -------------------------------------------------------------------------------------------------
def test_the_page_says_what_to_do_in_each_language(here):
    for language, title in TITLES.items():
        shown = here.client.get(url(here, language)).content.decode()
        assert f"{title}: noventa días." in shown
        assert "Una fecha" in shown
        assert all(url(here, other) in shown for other in TITLES)
        assert 'name="client_id"' in shown


def test_handed_in_returned_revised_and_accepted(here):
    response = send(here, "Primer  plan\r\ncon café")
    assert response.status_code == 302
    assert response.url == url(here) + "#hand-in"
    first = HandIn.objects.get()
    assert (first.number, first.state, first.text, first.judged_at) == (1, "sent", "Primer  plan\ncon café", None)
    shown = here.client.get(url(here)).content.decode()
    assert "con café" in shown
    assert 'name="client_id"' not in shown
    assert not Completion.objects.exists()

    assert decide(here, first, "returned", "Falta una fecha.").status_code == 302
    first.refresh_from_db()
    assert (first.state, first.judged_by, first.comment) == ("returned", here.trainer, "Falta una fecha.")
    shown = here.client.get(url(here)).content.decode()
    assert "Falta una fecha." in shown
    assert "con café</textarea>" in shown  # what was written is there to be revised
    assert not Completion.objects.exists()

    send(here, "Plan con fecha.")
    second = HandIn.objects.get(number=2)
    assert decide(here, second).status_code == 302
    done = Completion.objects.get()
    assert (done.enrollment, done.activity_key, done.evidence["hand_in"]) == (here.enrollment, here.key, second.pk)
    shown = here.client.get(url(here)).content.decode()
    assert "Plan con fecha." in shown
    assert 'name="client_id"' not in shown


def test_text_is_text(here):
    send(here, "<script>alert(1)</script> a < b")
    assert HandIn.objects.get().text == "<script>alert(1)</script> a < b"
    judging = signed_in(here.trainer).get(reverse("curriculum:hand_in_judge", args=[HandIn.objects.get().pk]))
    for shown in (here.client.get(url(here)).content.decode(), judging.content.decode()):
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_it_counts_as_started_and_does_not_hold_up_the_rest(here):
    Completion.objects.create(enrollment=here.enrollment, activity_key=here.made.keys[0])
    assert progress.next_activity(here.enrollment).activity.key == here.key
    one = handed(here)
    assert progress.progress_of(here.enrollment).state_of(here.key).state == "started"
    assert progress.next_activity(here.enrollment).activity.key == here.made.keys[1]
    Completion.objects.create(enrollment=here.enrollment, activity_key=here.made.keys[1])
    with translation.override("en"):
        assert "You have handed in your text." in here.client.get(reverse("today")).content.decode()
    assignments.judge(one, here.trainer, False, "Falta.")
    assert progress.next_activity(here.enrollment).activity.key == here.key


def test_marking_as_read_does_not_complete_it(here):
    assert here.client.post(reverse("curriculum:complete", args=[here.key])).status_code == 403
    assert not Completion.objects.exists()


# --- refusals of a hand-in -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["", "  \n ", "a\x00b", "largo " * 50, "x" * 5000])
def test_a_text_that_will_not_do_is_refused_and_kept(here, text):
    response = send(here, text)
    assert response.status_code == 422
    shown = response.content.decode()
    assert "error" in shown
    assert text.strip().replace("\x00", "\ufffd") in shown
    assert "\x00" not in shown
    assert not HandIn.objects.exists()


def test_half_a_character_is_refused(here):
    body = b"text=un%ED%A0%80o&client_id=" + str(uuid.uuid4()).encode()
    response = here.client.post(
        reverse("curriculum:hand_in", args=[here.key]), body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 422
    with pytest.raises(Refused) as refusal:
        assignments.hand_in(here.enrollment, here.page, "un\ud800o", uuid.uuid4())
    assert refusal.value.field == "text"
    assert not HandIn.objects.exists()


def test_far_too_much_is_refused(here):
    assert send(here, "x" * 2_000_000).status_code in (400, 413)
    assert not HandIn.objects.exists()


@pytest.mark.parametrize("client_id", ["", "nonsense", "\x00", "9" * 4000])
def test_a_form_without_its_id_counts_once_all_the_same(here, client_id):
    assert send(here, client_id=client_id).status_code == 302
    assert send(here, client_id=client_id).status_code == 409
    assert HandIn.objects.count() == 1


def test_a_second_text_waits_for_the_first_and_is_kept(here):
    send(here)
    response = send(here, "Otro plan.")
    assert response.status_code == 409
    assert "Otro plan.</textarea>" in response.content.decode()
    assert HandIn.objects.get().text == "Mi plan."


def test_nothing_more_after_it_was_accepted(here):
    assignments.judge(handed(here), here.trainer, True)
    assert send(here, "Otro plan.").status_code == 409


def test_the_same_form_twice_is_one_and_with_another_text_is_refused(here):
    client_id = uuid.uuid4()
    assert [send(here, client_id=client_id).status_code for _ in range(2)] == [302, 302]
    assert HandIn.objects.count() == 1
    assignments.judge(HandIn.objects.get(), here.trainer, False, "Falta.")
    response = send(here, "Corregido en la página de antes", client_id=client_id)  # the browser's way back
    assert response.status_code == 409
    shown = response.content.decode()
    assert "Corregido en la página de antes</textarea>" in shown
    assert str(client_id) not in shown
    assert HandIn.objects.count() == 1


def test_a_locked_assignment_shows_nothing_and_takes_nothing(here):
    here.cohort.releases = {str(here.made.module_keys[0]): (timezone.now() + datetime.timedelta(days=3)).isoformat()}
    here.cohort.save()
    response = here.client.get(url(here))
    assert response.status_code == 403
    assert "noventa días" not in response.content.decode()
    for text in ("Ya lo escribí.", "", "x" * 5000):
        response = send(here, text)
        assert response.status_code == 403
        assert "noventa días" not in response.content.decode()
        assert text in response.content.decode()
    assert not HandIn.objects.exists()


def test_paused_people_read_and_keep_their_text(here):
    here.enrollment.status = "paused"
    here.enrollment.save()
    shown = here.client.get(url(here))
    assert shown.status_code == 200
    assert 'name="client_id"' not in shown.content.decode()
    response = send(here, "Mientras tanto")
    assert response.status_code == 403
    assert "Mientras tanto</textarea>" in response.content.decode()
    assert not HandIn.objects.exists()


def test_who_may_read_and_hand_in(here):
    outsider = signed_in(UserFactory())
    assert outsider.get(url(here)).status_code == 403
    assert send(here, client=outsider).status_code == 404
    assert Client().get(url(here)).status_code == 302
    assert "/accounts/login/" in send(here, client=Client()).url
    trainer = signed_in(here.trainer)
    shown = trainer.get(url(here))
    assert shown.status_code == 200
    assert 'name="client_id"' not in shown.content.decode()
    assert send(here, client=trainer).status_code == 404
    assert here.client.get(reverse("curriculum:hand_in", args=[here.key])).status_code == 405
    assert here.client.post(reverse("curriculum:hand_in", args=[here.made.keys[0]]), {"text": "x"}).status_code == 404
    assert here.client.post(reverse("curriculum:hand_in", args=[uuid.uuid4()]), {"text": "x"}).status_code == 404
    assert not HandIn.objects.exists()


# --- judging ---------------------------------------------------------------------------------------------------------
def test_only_those_who_teach_the_cohort_judge(here):
    one = handed(here)
    other = EnrollmentFactory(cohort=CohortFactory(curriculum_key=here.made.key), role=Role.LEAD).user
    fellow = EnrollmentFactory(cohort=here.cohort).user
    for user, status in ((here.user, 403), (other, 404), (fellow, 404)):
        assert decide(here, one, user=user).status_code == status
        assert signed_in(user).get(reverse("curriculum:hand_in_judge", args=[one.pk])).status_code == status
        assert signed_in(user).get(reverse("curriculum:hand_ins", args=[here.cohort.pk])).status_code == 404
        with pytest.raises(PermissionDenied):
            assignments.judge(one, user, True)
    lead = EnrollmentFactory(cohort=here.cohort, role=Role.LEAD).user
    assert decide(here, one, user=lead).status_code == 302
    one.refresh_from_db()
    assert one.state == "accepted"


def test_nobody_judges_their_own_text(here):
    one = handed(here)
    here.user.is_superuser = True
    here.user.save()
    shown = here.client.get(reverse("curriculum:hand_in_judge", args=[one.pk]))
    assert shown.status_code == 200
    assert 'name="decision"' not in shown.content.decode()
    assert decide(here, one, user=here.user).status_code == 403
    one.refresh_from_db()
    assert one.state == "sent"


@pytest.mark.parametrize(
    ("decision", "comment"),
    [("", "Bien."), ("perhaps", "Bien."), ("returned", " "), ("returned", "a\x00b"), ("accepted", "z" * 2001)],
)
def test_a_decision_that_will_not_do_is_refused_and_the_comment_kept(here, decision, comment):
    one = handed(here)
    response = decide(here, one, decision, comment)
    assert response.status_code == 422
    assert comment.replace("\x00", "\ufffd").strip() in response.content.decode()
    one.refresh_from_db()
    assert one.state == "sent"
    assert not Message.objects.exists()


def test_a_second_decision_does_not_change_the_first(here):
    one = handed(here)
    assert decide(here, one, "returned", "Falta.").status_code == 302
    assert decide(here, one, "returned", "Falta.").status_code == 302  # pressed twice
    lead = EnrollmentFactory(cohort=here.cohort, role=Role.LEAD).user
    response = decide(here, one, "accepted", "Muy bien", user=lead)
    assert response.status_code == 409
    assert "Muy bien</textarea>" in response.content.decode()
    one.refresh_from_db()
    assert (one.state, one.judged_by) == ("returned", here.trainer)
    assert Message.objects.count() == 1


def test_what_cannot_be_recorded_is_not_accepted(here):
    one = handed(here)
    here.enrollment.status = "paused"
    here.enrollment.save()
    assert decide(here, one, "accepted", "Muy bien").status_code == 409
    here.enrollment.status = "enrolled"
    here.enrollment.save()
    here.cohort.outline["modules"][0]["activities"].pop()
    here.cohort.outline["stamp"] = "another"
    here.cohort.save()
    assert decide(here, one).status_code == 409
    one.refresh_from_db()
    assert one.state == "sent"
    assert not Completion.objects.exists()
    assert not Message.objects.exists()
    assert decide(here, one, "returned", "Ya no se pide.").status_code == 302


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("accepted", [True, False])
def test_the_person_gets_a_mail_in_their_language(here, language, accepted):
    here.user.language = language
    here.user.save()
    one = handed(here)
    decide(here, one, "accepted" if accepted else "returned", "Falta <una> fecha.")
    message = Message.objects.get()
    assert (message.what, message.to, message.language) == ("assignment_judged", here.user.email, language)
    subject, text, html = mail.render(message)
    assert TITLES[language] in subject
    assert "Falta <una> fecha." in text
    assert "Falta &lt;una&gt; fecha." in html
    assert url(here, language) in text


# --- the list and the cohort's page ----------------------------------------------------------------------------------
def test_the_list_when_there_is_nothing(here):
    shown = signed_in(here.trainer).get(reverse("curriculum:hand_ins", args=[here.cohort.pk]))
    assert shown.status_code == 200
    assert 'class="empty"' in shown.content.decode()


def test_the_cohorts_page_says_how_many_wait(here):
    page = reverse("curriculum:cohort", args=[here.cohort.pk])
    there = reverse("curriculum:hand_ins", args=[here.cohort.pk])
    trainer = signed_in(here.trainer)
    assert trainer.get(page).context["hand_ins_waiting"] == 0
    assert there in trainer.get(page).content.decode()
    handed(here)
    handed(here, enrollment=EnrollmentFactory(cohort=here.cohort, status="withdrawn"))
    response = trainer.get(page)
    assert response.context["hand_ins_waiting"] == 1


def test_the_list_shows_what_waits_and_what_is_judged(here):
    one = handed(here)
    page, trainer = reverse("curriculum:hand_ins", args=[here.cohort.pk]), signed_in(here.trainer)
    link = reverse("curriculum:hand_in_judge", args=[one.pk])
    assert link in trainer.get(page).content.decode()
    assignments.judge(one, here.trainer, True)
    assert link not in trainer.get(page).content.decode()
    assert link in trainer.get(page + "?state=accepted").content.decode()
    assert trainer.get(page + "?state=nonsense&page=zero").status_code == 200


def test_the_list_asks_as_many_queries_for_one_as_for_many(here):
    handed(here)
    page, trainer = reverse("curriculum:hand_ins", args=[here.cohort.pk]), signed_in(here.trainer)
    trainer.get(page)
    counts = []
    for more in (0, 30):
        for _ in range(more):
            handed(here, enrollment=EnrollmentFactory(cohort=here.cohort))
        with CaptureQueriesContext(connection) as queries:
            assert trainer.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_persons_page_asks_as_many_queries_for_one_text_as_for_many(here):
    counts = []
    here.client.get(url(here))
    for number in (1, 10):
        for each in range(number):
            handed(
                here,
                number=number * 100 + each,
                state="returned",
                judged_at=timezone.now(),
                comment="Falta.",
                judged_by=here.trainer,
            )
        with CaptureQueriesContext(connection) as queries:
            assert here.client.get(url(here)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- what the database keeps -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"number": 2},  # one waits already
        {"number": 1, "state": "returned", "judged_at": timezone.now(), "comment": "x"},
        {"number": 2, "state": "accepted", "judged_at": timezone.now()},
        {"number": 2, "state": "returned", "judged_at": timezone.now()},  # without a comment
        {"number": 2, "state": "returned", "comment": "x"},  # without its time
    ],
)
def test_the_database_refuses_what_cannot_be(here, fields):
    handed(here)
    with pytest.raises(IntegrityError), transaction.atomic():
        handed(here, **fields)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_equal_hand_ins_at_once_make_one(in_parallel):
    here, client_id = build(1), uuid.uuid4()
    clients = [signed_in(here.user) for _ in range(10)]
    results = in_parallel(lambda number: send(here, client=clients[number], client_id=client_id).status_code)
    assert results == [302] * 10
    assert HandIn.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_different_hand_ins_at_once_make_one(in_parallel):
    here = build(1)
    clients = [signed_in(here.user) for _ in range(10)]
    results = in_parallel(lambda number: send(here, f"Plan {number}", client=clients[number]).status_code)
    assert sorted(results) == [302] + [409] * 9
    assert HandIn.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_decisions_at_once_make_one(in_parallel):
    here = build(1)
    one = handed(here)
    judges = [EnrollmentFactory(cohort=here.cohort, role=Role.TRAINER).user for _ in range(10)]

    def act(number):
        mine = HandIn.objects.select_related("enrollment__cohort", "enrollment__user").get(pk=one.pk)
        return assignments.judge(mine, judges[number], number % 2 == 0, "Leído.")

    results = in_parallel(act)
    assert sum(isinstance(result, Refused) for result in results) == 9, results
    assert Message.objects.count() == 1
    one.refresh_from_db()
    assert Completion.objects.count() == (one.state == "accepted")
