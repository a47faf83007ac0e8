"""Who may have which file; names with a reason; files from the worker; the page in its states; bad input."""

import datetime
import itertools

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum.enrollment_states import Role, Status
from curriculum.models import Enrollment
from evaluations.models import ExportJob, Reading
from evaluations.takeaway import files, jobs, making
from notifications.models import Message
from tests.evaluations import answered_waves as asked
from tests.evaluations.taking_away import build, cells, empty, frames, signed_in
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db
PEOPLE, ANSWERS, PAIRS = 2, 3, 4
REASON = "Para la reunión del comité."


@pytest.fixture
def here(db):
    return build()


def page(here):
    return reverse("evaluations:export", args=[here.cohort.pk])


def send(here, user=None, **data):
    return signed_in(user or here.lead).post(page(here), {"format": "xlsx", "language": "es", **data})


# --- who -------------------------------------------------------------------------------------------------------------


def test_the_readers_of_the_report_take_it_away_and_nobody_else_sees_the_page(here):
    operator = EnrollmentFactory(cohort=CohortFactory()).user
    operator.is_superuser = True
    operator.save()
    for user in (here.trainer, here.lead, here.evaluator, operator):
        assert signed_in(user).get(page(here)).status_code == 200 and send(here, user).status_code == 200
    elsewhere = EnrollmentFactory(cohort=CohortFactory(), role=Role.LEAD).user
    for user in (here.trainee, here.outsider, elsewhere):
        assert signed_in(user).get(page(here)).status_code == send(here, user).status_code == 404


def test_names_are_off_and_leads_get_them_with_a_reason_that_is_logged(here):
    answer = send(here, names="on", reason=REASON)
    assert answer.status_code == 200
    sheets = frames(answer.content)
    for place in (PEOPLE, ANSWERS, PAIRS):
        assert "José Peña" in set(sheets[place]["name"])
    reading = Reading.objects.get()
    assert (reading.what, reading.reader, reading.cohort, reading.reason) == ("names", here.lead, here.cohort, REASON)
    read_me = sheets[0]["text"].astype(str).str.cat(sep=" ")
    assert REASON in read_me and here.lead.get_full_name() in read_me
    assert "texto de 3" not in sheets[ANSWERS].to_string()


@pytest.mark.parametrize("reason", ["", "corto", "          ", "x" * 501, "con nulo \x00 dentro"])
def test_names_without_a_proper_reason_are_refused_and_the_words_stay(here, reason):
    answer = send(here, names="on", reason=reason)
    text = answer.content.decode()
    assert answer.status_code == 422 and 'id="id_reason"' in text and not Reading.objects.exists()
    assert 'role="alert"' in text and (len(reason) != 501 or reason in text)


def test_names_are_refused_to_trainers_and_evaluators_and_for_formats_without_people(here):
    for user in (here.trainer, here.evaluator):
        assert send(here, user, names="on", reason=REASON).status_code == 403
        assert send(here, user, names="on", reason=REASON, later="1").status_code == 403
        assert "id_names" not in signed_in(user).get(page(here)).content.decode()
    assert send(here, names="on", reason=REASON, format="pdf-a4").status_code == 422
    assert not Reading.objects.exists() and not ExportJob.objects.exists()


def test_no_reading_is_logged_when_the_file_fails(here, monkeypatch):
    monkeypatch.setattr(files, "_content", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(here, names="on", reason=REASON)
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    "data", [{"format": "exe"}, {"format": ""}, {"language": "xx"}, {"format": "xlsx\x00"}, {"format": ["a", "b"]}]
)
def test_bad_input_is_refused_in_words(here, data):
    assert send(here, **data).status_code == 422


def test_other_wrong_addresses_and_methods(here):
    client = signed_in(here.lead)
    assert client.post(page(here)).status_code == 422
    assert client.put(page(here)).status_code == 405
    for number in (0, 10**9, 10**30):
        assert client.get(f"/es/cohorts/{number}/export/").status_code == 404
        assert client.get(f"/es/exports/{number}/").status_code == 404
        assert client.post(f"/es/exports/{number}/retry/").status_code == 404
        assert client.get(f"/es/cohorts/{number}/charts/knowledge-3a.svg").status_code == 404
        assert client.post(f"/es/tokens/{number}/end/").status_code == 404


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_names_formats_with_their_sizes(here):
    text = signed_in(here.lead).get(page(here)).content.decode()
    assert text.count('name="format"') == 6 and text.count(" kB") == 6 and "id_names" in text


def test_an_empty_cohort_says_what_is_missing_and_gives_no_file():
    here = empty()
    answer = signed_in(here.lead).get(page(here))
    text = answer.content.decode()
    assert answer.status_code == 200 and 'name="format"' not in text and all(f"{code} ·" in text for code in ("1", "3A", "7"))
    assert send(here).status_code == 409 and send(here, later="1").status_code == 409
    assert not ExportJob.objects.exists()


def test_the_page_asks_the_same_queries_for_one_job_and_for_many(here):
    client = signed_in(here.lead)
    send(here, later="1")
    client.get(page(here))
    with CaptureQueriesContext(connection) as one:
        client.get(page(here))
    for _time in range(8):
        ExportJob.objects.create(by=here.lead, cohort=here.cohort, format="csv", status="failed", reference="AB12")
    asked.answer(here.before, asked.people(here.cohort, number=5), q1=["b"] * 5)
    client.get(page(here))
    with CaptureQueriesContext(connection) as many:
        client.get(page(here))
    assert len(one) == len(many)
    assert not any('"evaluations_exportjob"."file" F' in query["sql"] for query in many.captured_queries)


def test_a_file_asks_the_same_queries_for_few_and_for_many_people(here):
    send(here)
    with CaptureQueriesContext(connection) as few:
        send(here)
    more = asked.people(here.cohort, number=30)
    for wave in (here.before, here.after):
        asked.answer(wave, more, q1=["b"] * 30, q2=["a"] * 30)
    send(here)
    with CaptureQueriesContext(connection) as many:
        send(here)
    assert len(many) <= len(few)


# --- from the worker -------------------------------------------------------------------------------------------------


def prepared(here, django_capture_on_commit_callbacks, user=None, **data):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(here, user, later="1", **data)
    assert answer.status_code == 302
    return ExportJob.objects.latest("pk")


def test_a_file_is_prepared_told_by_mail_and_private_to_its_maker(here, django_capture_on_commit_callbacks):
    job = prepared(here, django_capture_on_commit_callbacks, language="pt-br")
    assert job.status == "ready" and job.filename.endswith(".xlsx")
    url = reverse("evaluations:export_file", args=[job.pk])
    answer = signed_in(here.lead).get(url)
    assert answer.status_code == 200 and len(frames(answer.content)) == 8 and answer["Cache-Control"] == "private, no-store"
    assert url in signed_in(here.lead).get(page(here)).content.decode()
    for user in (here.trainer, here.evaluator, here.trainee, here.outsider):
        assert signed_in(user).get(url).status_code == 404
        assert url not in signed_in(user).get(page(here)).content.decode()
    message = Message.objects.get(what="export_ready")
    assert message.user == here.lead and message.language == "pt-br" and "/pt-br/" in message.context["url"]
    call_command("deliver_messages")
    assert any(here.lead.email in sent.to and message.context["url"] in sent.body for sent in mail.outbox)


def test_a_large_file_goes_to_the_worker_by_itself(here, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(files, "AT_ONCE", 3)
    with django_capture_on_commit_callbacks(execute=True):
        assert send(here).status_code == 302
    assert ExportJob.objects.get().status == "ready"
    assert send(here, format="pdf-a4").status_code == 200


def test_a_failed_file_has_a_reference_and_can_be_tried_again(here, monkeypatch, django_capture_on_commit_callbacks):
    with monkeypatch.context() as broken:
        broken.setattr(files, "_content", lambda *args: 1 / 0)
        job = prepared(here, django_capture_on_commit_callbacks)
    assert job.status == "failed" and len(job.reference) == 8 and job.error == "ZeroDivisionError"
    text = signed_in(here.lead).get(page(here)).content.decode()
    again = reverse("evaluations:export_retry", args=[job.pk])
    assert job.reference in text and again in text and Message.objects.get(what="export_ready").context["ready"] is False
    assert signed_in(here.lead).get(reverse("evaluations:export_file", args=[job.pk])).status_code == 404
    assert signed_in(here.trainer).post(again).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in(here.lead).post(again).status_code == 302
    job.refresh_from_db()
    assert job.status == "ready" and job.reference == ""
    assert Message.objects.filter(what="export_ready").count() == 2
    signed_in(here.lead).post(again)  # a ready file is not made again
    assert ExportJob.objects.get().ready_at == job.ready_at


def test_names_in_a_prepared_file_stay_with_leads(here, django_capture_on_commit_callbacks):
    job = prepared(here, django_capture_on_commit_callbacks, names="on", reason=REASON)
    assert Reading.objects.count() == 1
    url = reverse("evaluations:export_file", args=[job.pk])
    assert "José Peña" in {cell.value for cell in cells(signed_in(here.lead).get(url).content)}
    place = Enrollment.objects.get(user=here.lead)
    place.role = Role.TRAINER
    place.save()
    assert signed_in(here.lead).get(url).status_code == 404
    place.status = Status.WITHDRAWN
    place.save()
    assert signed_in(here.lead).get(page(here)).status_code == 404


def test_a_role_that_ended_before_the_worker_came_gives_no_file(here):
    send(here, later="1", names="on", reason=REASON)
    job = ExportJob.objects.get()
    Enrollment.objects.filter(user=here.lead).update(role=Role.TRAINER)
    making.run(job.pk)
    job.refresh_from_db()
    assert job.status == "failed" and job.file is None


def test_the_same_request_twice_is_one_job_and_too_many_are_refused(here):
    for _time in range(2):
        assert send(here, later="1").status_code == 302
    assert ExportJob.objects.count() == 1
    for form, language in itertools.islice(itertools.product(("csv", "svg"), ("es", "en")), 4):
        assert send(here, later="1", format=form, language=language).status_code == 302
    assert send(here, later="1", format="png").status_code == 422
    assert ExportJob.objects.count() == jobs.WAITING_AT_MOST


def test_files_go_after_a_week_and_what_no_worker_took_is_given_up(here):
    now, made = timezone.now(), {"by": here.lead, "cohort": here.cohort, "format": "csv"}
    ExportJob.objects.create(**made, status="ready", file=b"x", created_at=now - datetime.timedelta(days=8))
    kept = ExportJob.objects.create(**made, status="ready", file=b"x", created_at=now - datetime.timedelta(days=6))
    stuck = ExportJob.objects.create(**made, created_at=now - datetime.timedelta(hours=2))
    fresh = ExportJob.objects.create(**made)
    call_command("tidy_exports")
    assert set(ExportJob.objects.values_list("pk", "status")) == {(kept.pk, "ready"), (stuck.pk, "failed"), (fresh.pk, "waiting")}
    assert ExportJob.objects.get(pk=stuck.pk).reference


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_clicks_make_one_job_and_ten_workers_one_file(in_parallel):
    here = build()
    options = {"language": "es"}
    made = in_parallel(lambda _n: jobs.export_later(here.cohort, here.lead, "csv", "es"))
    assert all(isinstance(job, ExportJob) for job in made), made
    # Tasks run at once in tests, so that a click after the first file was ready rightly makes another one.
    job = ExportJob.objects.create(by=here.lead, cohort=here.cohort, format="csv", options=options)
    Message.objects.all().delete()
    in_parallel(lambda _n: making.run(job.pk))
    assert ExportJob.objects.get(pk=job.pk).status == "ready" and Message.objects.filter(what="export_ready").count() == 1
