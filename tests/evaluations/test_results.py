"""The pages of results: who reads them, what they say when little is known, filters, the lead's own sentence, themes, comparison."""

import gzip
import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Enrollment
from evaluations.models import ReportSnapshot, Response
from evaluations.moore import snapshots, standing
from tests.evaluations import report_document as made
from tests.evaluations.conftest import make_mixed
from tests.evaluations.reported import as_, person, reported_cohort, stored, text_of, url, wave
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(db):
    return reported_cohort()


@pytest.fixture
def lead(cohort):
    return as_(person(cohort, "lead"))


# --- who reads -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "status"), [("lead", 200), ("trainer", 200), ("evaluator", 200), ("trainee", 404)])
def test_who_reads_the_pages(cohort, role, status):
    client = as_(person(cohort, role))
    pages = [url("results"), url("cohort_results", cohort.pk), url("indicator_results", cohort.pk, "satisfaction")]
    pages.append(url("results_compare") + f"?cohorts={cohort.pk}&by=country")
    assert [client.get(page).status_code for page in pages] == [status] * 4


def test_strangers_and_other_leads_find_nothing(cohort, client):
    other = as_(person(CohortFactory(), "lead"))
    for page in (
        url("cohort_results", cohort.pk),
        url("indicator_results", cohort.pk, "satisfaction"),
        url("indicator_sentence", cohort.pk, "satisfaction"),
    ):
        assert other.get(page).status_code == 404
        assert client.get(page).status_code == 302
    assert other.post(url("indicator_themes", cohort.pk, "satisfaction")).status_code == 404
    assert other.get(url("results_compare") + f"?cohorts={cohort.pk}").status_code == 404


@pytest.mark.parametrize("role", ["trainer", "lead", "evaluator"])
def test_results_are_a_place_in_the_navigation_of_those_who_read_them(cohort, role):
    text = text_of(as_(person(cohort, role)).get(url("cohort_results", cohort.pk)))
    bar = re.search(r'<nav class="tabbar".*?</nav>', text, re.S).group(0)
    assert f'href="{url("results")}" aria-current' in bar
    assert bar.count("<a ") <= 4


# --- the list ------------------------------------------------------------------------------------------------------
def test_the_list_says_who_has_answered_and_what_does_not_exist_yet(cohort, lead):
    post = wave(cohort, make_mixed("post"))
    Response.objects.create(
        enrollment=cohort.enrollments.filter(role="trainee").first(), instrument=post.instrument, activity_key=post.activity_key, wave=post,
        submitted_at=timezone.now(),
    )  # fmt: skip
    text = text_of(lead.get(url("results", language="en")))
    assert "1 of 2" in text
    assert "1 person has not answered" in text
    assert "Sessions are counted once live sessions are part of the platform." in text


def test_a_closed_wave_needs_no_nudge(cohort, lead):
    wave(cohort, make_mixed("post"), closed_at=timezone.now())
    assert "Who needs a nudge" not in text_of(lead.get(url("results", language="en")))


def test_the_list_asks_the_same_queries_for_one_and_for_many(cohort, lead, django_assert_max_num_queries):
    user = Enrollment.objects.get(cohort=cohort, role="lead").user

    def add_cohorts(*numbers):
        for number in numbers:
            other = CohortFactory(curriculum_key=cohort.curriculum_key)
            EnrollmentFactory(cohort=other, role="lead", user=user)
            EnrollmentFactory(cohort=other)
            wave(other, make_mixed(f"post{number}"))

    def queries():
        lead.get(url("results"))
        with django_assert_max_num_queries(40) as asked:
            lead.get(url("results"))
        return len(asked)

    add_cohorts(0)
    one = queries()
    add_cohorts(1, 2, 3, 4)
    assert queries() == one


def test_the_dashboard_asks_few_queries(cohort, lead, django_assert_max_num_queries):
    lead.get(url("cohort_results", cohort.pk))
    with django_assert_max_num_queries(14):
        lead.get(url("cohort_results", cohort.pk))
    with django_assert_max_num_queries(20):
        lead.get(url("indicator_results", cohort.pk, "satisfaction"))


# --- the dashboard -------------------------------------------------------------------------------------------------
def test_every_level_stands_in_order_with_what_is_known_or_missing(cohort, lead):
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    assert re.findall(r'id="level-(\w+)"', text) == ["1", "2", "3A", "3B", "4", "5", "6", "7"]
    assert "18 of 24 people completed everything asked of them (14 activities)." in text
    assert "No case results yet." in text
    assert "Nothing about the health system yet." in text
    assert "4 answers: not shown, to protect people." in text
    assert "Only 13 of 24 answered." in text
    assert "This coincides with the programme" in text
    assert "Not shown here, to protect people (whole figures: 1, single rows: 3)." in text
    assert "These figures could not be worked out." in text


def test_published_figures_stand_apart_with_source_and_both_values(cohort, lead):
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    apart = text.split('id="published-6"')[1]
    assert "17,205 patients" in apart
    assert "17,025 patients" in apart
    assert "link.springer.com" in apart
    assert text.count("Published elsewhere, not measured here") == 2


def test_coordinates_are_never_localised(cohort, lead):
    for language in ("es", "pt-br", "en"):
        text = text_of(lead.get(url("cohort_results", cohort.pk, language=language)))
        places = re.findall(r' (?:x|x1|x2|cx|cy|r|y|y1|y2|width|height)="([^"]*)"', text)
        assert len(places) > 300
        assert all(re.fullmatch(r"-?\d+(\.\d+)?%?", place) for place in places)


def test_every_chart_has_a_sentence_and_a_table(cohort, lead):
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    figures = re.findall(r'<figure class="fig">.*?</figure>', text, re.S)
    assert len(figures) == 9
    assert all(
        "Show table" in figure and 'role="img" aria-label="' in figure
        for figure in figures
        if "<rect" in figure or "<circle" in figure
    )
    assert 'aria-label=""' not in text


def test_nobodys_sections_carry_inline_styles(cohort, lead):
    text = text_of(lead.get(url("cohort_results", cohort.pk)))
    assert " style=" not in text
    assert " onclick=" not in text


def test_opinions_of_twenty_may_stand_on_both_sides_of_a_line(cohort, lead):
    address = url("cohort_results", cohort.pk, language="en")
    assert text_of(lead.get(address)).count("shape=diverging#satisfaction") == 1
    text = text_of(lead.get(address + "?shape=diverging"))
    assert 'class="mid"' in text
    assert "shape=diverging#practice" not in text


def test_a_small_country_is_hidden_and_participation_is_not(cohort, lead):
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en") + "?view=country:CO"))
    assert "4 answers: not shown, to protect people." in text
    assert "of 10 people completed everything" in text
    assert 'class="seg' not in text


@pytest.mark.parametrize("view", ["country:ZZ", "country:", "profession:nursing&view=country:XX", "x" * 400, "all:MX", "-1"])
def test_a_filter_that_the_cohort_does_not_have_is_not_found(cohort, lead, view):
    for page in (url("cohort_results", cohort.pk), url("indicator_results", cohort.pk, "satisfaction")):
        assert lead.get(f"{page}?view={view}").status_code == 404


def test_unknown_indicators_are_not_found(cohort, lead):
    assert lead.get(url("indicator_results", cohort.pk, "nothing-like-it")).status_code == 404
    assert lead.get(url("indicator_sentence", cohort.pk, "nothing-like-it")).status_code == 404
    assert lead.get(f"/es/results/{'9' * 40}/").status_code == 404


def test_a_report_of_nothing_says_for_each_level_what_would_bring_it(lead, cohort):
    stored(cohort, made.empty(cohort))
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    assert text.count('class="empty"') == 8
    assert "No observations yet. They come from a teach-back" in text


def test_a_failing_computation_leaves_the_last_report_standing(cohort, lead, monkeypatch):
    def fails(*args):
        raise RuntimeError("no figures today")

    monkeypatch.setattr(snapshots, "current", fails)
    assert "18 of 24 people completed everything" in text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    ReportSnapshot.objects.all().delete()
    assert "The report has not been made yet." in text_of(lead.get(url("cohort_results", cohort.pk, language="en")))


def test_a_cohort_without_a_report_gets_one_made(db):
    fresh = CohortFactory()
    text = text_of(as_(person(fresh, "lead")).get(url("cohort_results", fresh.pk, language="en")))
    assert text.count('<section class="lvl"') == 8


def test_the_page_is_light(cohort, lead):
    page = lead.get(url("cohort_results", cohort.pk)).content
    assert len(gzip.compress(page, 6)) <= 14 * 1024


# --- side by side --------------------------------------------------------------------------------------------------
def test_cohorts_stand_side_by_side_and_are_never_added_up(cohort, lead):
    other = CohortFactory(name="Cohorte Cono Sur")
    document = made.document(other)
    document["levels"][2]["indicators"][0]["rows"] = document["levels"][2]["indicators"][0]["rows"][:1]
    stored(other, document)
    EnrollmentFactory(cohort=other, role="trainer", user=Enrollment.objects.get(cohort=cohort, role="lead").user)
    text = text_of(lead.get(url("results_compare", language="en") + f"?cohorts={cohort.pk}&cohorts={other.pk}"))
    assert text.count("Cohorte Cono Sur") > 5
    assert text.count("18 of 24") >= 2
    assert "36 of 48" not in text
    assert text_of(lead.get(url("results_compare", language="en") + f"?cohorts={cohort.pk},{other.pk}")).count('class="lvl"') > 4


def test_countries_of_a_cohort_stand_side_by_side(cohort, lead):
    assert lead.get(url("cohort_results", cohort.pk) + "?compare=country").url.endswith(f"?cohorts={cohort.pk}&by=country")
    text = text_of(lead.get(url("results_compare", language="en") + f"?cohorts={cohort.pk}&by=country"))
    assert "Countries side by side" in text
    assert "Colombia" in text
    assert "4 answers: not shown, to protect people." in text


@pytest.mark.parametrize(
    "query", ["cohorts=x", "cohorts=0", "cohorts=-1", "cohorts=" + "9" * 30, "cohorts=1,2,3,4,5,6,7", "cohorts=²"]
)
def test_bad_comparisons_are_not_found(cohort, lead, query):
    assert lead.get(f"{url('results_compare')}?{query}").status_code == 404
    assert lead.get(url("cohort_results", cohort.pk) + "?compare=x", follow=True).status_code == 404


def test_a_comparison_of_nothing_offers_a_choice(cohort, lead):
    text = text_of(lead.get(url("results_compare", language="en")))
    assert "Choose the cohorts that you want to see side by side." in text


# --- from the cohort's page ----------------------------------------------------------------------------------------
def test_the_cohorts_page_leads_to_its_results(cohort, lead):
    with translation.override("en"):
        page = reverse("curriculum:cohort", args=[cohort.pk])
    assert url("cohort_results", cohort.pk, language="en") in text_of(lead.get(page))


def test_views_are_what_people_are_one_at_a_time(cohort):
    with translation.override("en"):
        found = standing.views_of(cohort)
    assert [view for view, _name in found["country"]] == ["country:CO", "country:MX"]
    assert [name for _view, name in found["profession"]] == ["Nursing", "Rheumatology"]
    assert json.dumps(found)
