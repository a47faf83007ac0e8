"""The API: the documents of the screen for programs, a token per person, every refusal as JSON in words."""

import datetime
import json
import runpy
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum.enrollment_states import Role, Status
from curriculum.models import Enrollment
from evaluations.models import ApiToken
from evaluations.moore import snapshots
from evaluations.takeaway import tokens
from evaluations.takeaway.observations import COLUMNS, observations
from tests.evaluations import answered_waves as asked
from tests.evaluations.taking_away import build, signed_in
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "reading-the-results.py"


@pytest.fixture
def here(db):
    made = build()
    made.row, made.token = tokens.give(made.trainer, "Power BI", 90)
    return made


def get(path, token=None, **query):
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return Client(raise_request_exception=False).get(f"/api/v1/{path}", query, headers={"accept-language": "en", **headers})


def of(here, path, **query):
    return get(f"cohorts/{here.cohort.pk}/{path}", here.token, **query)


# --- what it gives ---------------------------------------------------------------------------------------------------


def test_cohorts_are_those_whose_results_the_person_reads(here):
    EnrollmentFactory(cohort=CohortFactory(), user=here.trainer)  # there only a trainee
    CohortFactory()
    (found,) = get("cohorts", here.token).json()
    assert found["id"] == here.cohort.pk and sorted(found["countries"]) == ["CO", "MX"]
    assert [one["view"] for one in found["views"]][:3] == ["all", "country:CO", "country:MX"]


@pytest.mark.parametrize("view", ["all", "country:MX", "country:CO", "profession:nursing", "country:ZZ"])
def test_the_report_is_the_document_of_the_screen(here, view):
    answer = of(here, "report", view=view)
    kind, _colon, value = view.partition(":")
    document = snapshots.current(here.cohort, (kind, value)).document
    made = answer.json()
    assert answer.status_code == 200
    assert {**made, "made_at": ""} == {**json.loads(json.dumps(document)), "made_at": ""}


def test_observations_are_the_same_lines_paged(here):
    document = snapshots.current(here.cohort).document
    wanted = observations(document, "pt-br")
    found, page = [], 1
    while True:
        answer = of(here, "observations", language="pt-br", per_page=7, page=page).json()
        found += answer["results"]
        assert answer["count"] == len(wanted)
        if page == answer["pages"]:
            break
        page += 1
    assert [set(line) for line in found] == [set(COLUMNS)] * len(wanted)
    assert [(line["row"], line["statistic"], line["value"], line["hidden"]) for line in found] == [
        (line["row"], line["statistic"], line["value"], line["hidden"]) for line in wanted
    ]
    assert of(here, "observations", page=99).json()["results"] == []


def test_a_small_country_is_hidden_here_too(here):
    lines = of(here, "observations", view="country:CO").json()["results"]
    known = [line for line in lines if line["value"] is not None and line["level"] != "1"]
    assert known == [] and {"small_group", "complementary"} & {line["hidden"] for line in lines}


def test_no_name_text_or_address_of_a_person_is_given(here):
    told = of(here, "observations").content.decode() + get("cohorts", here.token).content.decode()
    assert "Peña" not in told and "@" not in told


def test_the_openapi_file_is_public_and_there_is_no_docs_page(here):
    schema = get("openapi.json").json()
    assert {path: set(ways) for path, ways in schema["paths"].items()} == {
        "/api/v1/cohorts": {"get"}, "/api/v1/cohorts/{pk}/report": {"get"}, "/api/v1/cohorts/{pk}/observations": {"get"},
    }  # fmt: skip
    assert "construct" in schema["components"]["schemas"]["Observation"]["properties"]
    assert get("docs").status_code == 404


def test_the_queries_do_not_grow_with_people(here):
    of(here, "observations")
    with CaptureQueriesContext(connection) as few:
        of(here, "observations")
    more = asked.people(here.cohort, number=20)
    asked.answer(here.before, more, q1=["b"] * 20)
    of(here, "observations")
    with CaptureQueriesContext(connection) as many:
        of(here, "observations")
    assert len(few) == len(many)


# --- refusals --------------------------------------------------------------------------------------------------------


def refused(answer, status):
    assert answer.status_code == status and answer["Content-Type"].startswith("application/json"), answer.content[:200]
    assert isinstance(answer.json()["detail"], str) and len(answer.json()["detail"]) > 10
    return True


@pytest.mark.parametrize("token", [None, "", "pte_", "pte_wrong", "x" * 5000, "pte_ñ", "pte_\x00"])
def test_without_a_standing_token_nothing_is_given(here, token):
    assert refused(get("cohorts", token), 401)


def test_a_token_ends_by_date_by_hand_with_the_account_and_with_the_role(here):
    assert of(here, "report").status_code == 200
    Enrollment.objects.filter(user=here.trainer).update(status=Status.WITHDRAWN)
    assert get("cohorts", here.token).json() == [] and refused(of(here, "report"), 404)
    Enrollment.objects.filter(user=here.trainer).update(status=Status.ENROLLED)
    here.trainer.is_active = False
    here.trainer.save()
    assert refused(of(here, "report"), 401)
    here.trainer.is_active = True
    here.trainer.save()
    ApiToken.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert refused(of(here, "report"), 401)
    ApiToken.objects.update(expires_at=timezone.now() + datetime.timedelta(days=1))
    assert of(here, "report").status_code == 200
    tokens.end(here.row)
    assert refused(of(here, "report"), 401)


@pytest.mark.parametrize(
    "path", ["cohorts/999999/report", f"cohorts/{10**30}/report", "cohorts/x/report", "cohorts/-1/report", "nothing", ""]
)
def test_an_unknown_address_is_404_in_json(here, path):
    assert refused(get(path, here.token), 404)


def test_another_cohort_is_404(here):
    other = CohortFactory()
    assert refused(get(f"cohorts/{other.pk}/observations", here.token), 404)


@pytest.mark.parametrize(
    "query",
    [{"view": "country:mx"}, {"view": "country:MX,profession:nursing"}, {"view": "x" * 100}, {"view": ""}, {"page": 0},
     {"page": "x"}, {"page": 10**30}, {"per_page": 10**6}, {"language": "fr"}],
)  # fmt: skip
def test_what_is_not_understood_is_422(here, query):
    assert refused(of(here, "observations", **query), 422)


def test_a_session_is_no_token_and_nothing_is_written(here):
    assert signed_in(here.lead).get("/api/v1/cohorts").status_code == 401
    headers = {"Authorization": f"Bearer {here.token}"}
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)("/api/v1/cohorts", headers=headers).status_code == 405


def test_sixty_a_minute_and_thirty_wrong_ones_from_one_address(here):
    answers = [get("cohorts", here.token).status_code for _time in range(61)]
    assert answers == [200] * 60 + [429]
    limited = get("cohorts", here.token)
    assert refused(limited, 429) and limited["Retry-After"] == "60"
    _row, other = tokens.give(here.lead, "R", 30)
    wrong = [get("cohorts", "pte_wrong").status_code for _time in range(31)]
    assert wrong == [401] * 30 + [429] and get("cohorts", other).status_code == 429


def test_a_fault_is_json_with_a_reference(here, monkeypatch):
    monkeypatch.setattr("evaluations.api.shown", lambda *args: 1 / 0)
    assert refused(of(here, "report"), 500)


# --- tokens ----------------------------------------------------------------------------------------------------------


def make_token(user, **data):
    return signed_in(user).post(reverse("evaluations:tokens"), {"name": "Power BI", "days": "365", **data})


def test_a_token_is_shown_once_and_stored_as_its_hash(here):
    answer = make_token(here.lead)
    row = ApiToken.objects.get(user=here.lead)
    token = answer.context["made"]
    assert answer.status_code == 200 and token in answer.content.decode() and row.token_hash == tokens.hashed(token)
    assert row.expires_at <= timezone.now() + datetime.timedelta(days=365) and answer["Cache-Control"] == "private, no-store"
    again = signed_in(here.lead).get(reverse("evaluations:tokens")).content.decode()
    assert token not in again and "Power BI" in again and row.token_hash not in again
    assert get("cohorts", token).status_code == 200
    row.refresh_from_db()
    assert row.last_used_on == timezone.now().date()


def test_readers_of_a_report_have_tokens_and_nobody_else(here):
    for user in (here.trainer, here.lead, here.evaluator):
        assert signed_in(user).get(reverse("evaluations:tokens")).status_code == 200
    for user in (here.trainee, here.outsider):
        assert signed_in(user).get(reverse("evaluations:tokens")).status_code == make_token(user).status_code == 404


@pytest.mark.parametrize(
    "data", [{"name": ""}, {"name": "  "}, {"name": "x" * 101}, {"name": "a\x00"}, {"days": "9999"}, {"days": "x"}, {"days": ""}]
)
def test_a_token_without_purpose_or_end_is_refused(here, data):
    answer = make_token(here.lead, **data)
    assert answer.status_code == 422 and not ApiToken.objects.filter(user=here.lead).exists() and answer.context["made"] is None


def test_only_its_holder_ends_a_token(here):
    url = reverse("evaluations:token_end", args=[here.row.pk])
    assert signed_in(here.lead).post(url).status_code == 404 and of(here, "report").status_code == 200
    assert signed_in(here.trainer).get(url).status_code == 405
    Enrollment.objects.filter(user=here.trainer).update(role=Role.TRAINEE)
    assert signed_in(here.trainer).post(url).status_code == 302
    assert refused(of(here, "report"), 401)


def test_twenty_tokens_are_enough(here):
    for _time in range(tokens.MOST):
        assert make_token(here.lead).status_code == 200
    assert make_token(here.lead).status_code == 422
    assert ApiToken.objects.filter(user=here.lead).count() == tokens.MOST


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_do_not_pass_the_limit(in_parallel):
    here = build()
    for _time in range(tokens.MOST - 1):
        tokens.give(here.lead, "x", 30)
    in_parallel(lambda _n: tokens.give(here.lead, "x", 30))
    assert ApiToken.objects.filter(user=here.lead).count() == tokens.MOST


def test_the_list_of_tokens_asks_the_same_queries_for_one_and_for_many(here):
    url, client = reverse("evaluations:tokens"), signed_in(here.trainer)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _time in range(9):
        tokens.give(here.trainer, "x", 30)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(one) == len(many)


# --- the example of the documentation --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_pandas_example_runs_against_a_live_server(live_server, monkeypatch, capsys):
    here = build()
    _row, token = tokens.give(here.lead, "pandas", 30)
    monkeypatch.setenv("PUENTE_URL", live_server.url)
    monkeypatch.setenv("PUENTE_TOKEN", token)
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE)])
    made = runpy.run_path(str(EXAMPLE), run_name="__main__")
    shown = asked.row(asked.indicator(snapshots.current(here.cohort).document, "knowledge-3a"), "kpi")
    change = made["change"].loc["kpi"]
    assert change["before_mean"] == shown["before"]["mean"] and change["after_mean"] == shown["after"]["mean"]
    assert "kpi" in capsys.readouterr().out
