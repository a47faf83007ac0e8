"""Pages and files of a cohort so small and so unanimous that hardly any figure of its confidential answers may be told."""

import pytest
from django.urls import reverse

from curriculum.enrollment_states import Role
from evaluations.moore import report
from tests.evaluations import answered_waves as asked
from tests.evaluations.answered_waves import answer, likert, people, retrospective
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(db):
    cohort = CohortFactory()
    needs = asked.instrument(ability_bpf=likert(construct="bpf", aspect="ability"), importance_bpf=likert(construct="bpf", aspect="importance"))  # fmt: skip
    post = asked.instrument(
        ability=likert(construct="bpf", aspect="ability", moore="4"),
        then=retrospective(construct="bpf", aspect="competence", moore="4"),
    )
    group = people(cohort, number=5)
    answer(asked.wave(cohort, needs, "pre"), group, ability_bpf=[1] * 5, importance_bpf=[5] * 5)
    answer(asked.wave(cohort, post, "post"), group, ability=[5] * 5, then=[{"before": 1, "now": 5}] * 5)
    return cohort


def test_every_page_and_file_stands(client, cohort):
    client.force_login(EnrollmentFactory(cohort=cohort, role=Role.LEAD).user, backend="django.contrib.auth.backends.ModelBackend")
    pages = [reverse("evaluations:cohort_results", args=[cohort.pk])]
    lines = [line for level in report.build(cohort)["levels"] for line in level["indicators"] if line["promise"]]
    assert {line["design"] for line in lines} == {"true_pre_post", "retro_pre_post"}
    assert all(line["rows"][0]["before"]["mean"] is None for line in lines)
    pages += [reverse("evaluations:indicator_results", args=[cohort.pk, line["key"]]) for line in lines]
    pages += [reverse("evaluations:results_compare") + f"?cohorts={cohort.pk}&by=country"]
    for url in pages:
        assert client.get(url).status_code == 200, url
    export = reverse("evaluations:export", args=[cohort.pk])
    for format in ("xlsx", "csv", "pdf-a4", "svg", "png"):
        sent = client.post(export, {"format": format, "language": "es"})
        assert sent.status_code == 200, format
