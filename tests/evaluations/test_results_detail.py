"""One indicator in detail: the lead's own sentence, single people's lines, groups, free texts and the themes given to them."""

import pytest

from curriculum.models import Enrollment
from evaluations.models import Finding, FreeTextTag, LongTextQuestion
from evaluations.moore import themes
from tests.evaluations import report_document as made
from tests.evaluations.conftest import make_mixed, words
from tests.evaluations.reported import as_, person, reported_cohort, stored, text_of, url, wave
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(db):
    return reported_cohort()


@pytest.fixture
def lead(cohort):
    return as_(person(cohort, "lead"))


# --- the lead's own sentence ---------------------------------------------------------------------------------------
def test_the_leads_sentence_stands_above_the_rules_and_both_are_kept(cohort, lead):
    address = url("indicator_sentence", cohort.pk, "satisfaction", language="en")
    assert lead.post(address, {"words": "People liked the cases <b>most</b>."}).status_code == 302
    row = Finding.objects.get()
    assert row.text == {"en": "People liked the cases <b>most</b>."}
    assert set(row.rule_text) == {"es", "pt-br", "en"}
    text = text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    assert "People liked the cases &lt;b&gt;most&lt;/b&gt;." in text
    assert "Edited by" in text
    assert "By rule: Most agree with" in text
    assert 'lang="en"' in text_of(lead.get(url("cohort_results", cohort.pk)))


def test_empty_words_go_back_to_the_rule_and_the_history_stays(cohort, lead):
    address = url("indicator_sentence", cohort.pk, "satisfaction", language="en")
    lead.post(address, {"words": "Mine."})
    lead.post(address, {"words": "  "})
    assert Finding.objects.count() == 2
    assert "Mine." not in text_of(lead.get(url("cohort_results", cohort.pk, language="en")))
    assert "Mine." in text_of(lead.get(address))


def test_a_sentence_that_is_too_long_is_refused_with_its_words(cohort, lead):
    address = url("indicator_sentence", cohort.pk, "satisfaction", language="en")
    text = text_of(lead.post(address, {"words": "x" * 501}), 422)
    assert "x" * 501 in text
    assert "There is a problem" in text
    assert lead.post(address, {"words": "a\x00b"}).status_code == 422
    assert not Finding.objects.exists()


@pytest.mark.parametrize("role", ["trainer", "evaluator"])
def test_only_leads_write_sentences(cohort, role):
    client = as_(person(cohort, role))
    address = url("indicator_sentence", cohort.pk, "satisfaction")
    assert client.get(address).status_code == client.post(address, {"words": "x"}).status_code == 403
    assert "Edit the sentence" not in text_of(client.get(url("cohort_results", cohort.pk, language="en")))


# --- the detail ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", [one["key"] for level in made.document()["levels"] for one in level["indicators"]])
def test_every_indicator_has_a_detail(cohort, lead, key):
    for view in ("all", "country:CO"):
        assert "<h1>" in text_of(lead.get(url("indicator_results", cohort.pk, key) + f"?view={view}"))


def test_the_detail_draws_people_groups_and_method(cohort, lead):
    text = text_of(lead.get(url("indicator_results", cohort.pk, "knowledge-3a", language="en")))
    assert text.count('class="one"') == 20
    assert "Effect size d_av = 1.21 (20 pairs); 95% interval from 0.66 to 1.74; for comparison d_z = 1.05." in text
    assert "p &lt; 0.001" in text
    assert "McNemar, exact: 10 people went from wrong to right, 1 from right to wrong" in text
    assert "By country" in text
    assert "4 answers: not shown, to protect people." in text


def test_the_detail_shows_ones_other_cohorts_side_by_side(cohort, lead):
    other = CohortFactory(name="Cohorte Cono Sur")
    stored(other, made.document(other))
    EnrollmentFactory(cohort=other, role="evaluator", user=Enrollment.objects.get(cohort=cohort, role="lead").user)
    hidden = CohortFactory(name="Cohorte de otros")
    stored(hidden, made.document(hidden))
    text = text_of(lead.get(url("indicator_results", cohort.pk, "satisfaction", language="en")))
    assert "Cohorte Cono Sur" in text
    assert "Cohorte de otros" not in text


# --- free texts ----------------------------------------------------------------------------------------------------
@pytest.fixture
def asked(cohort):
    """The report's texts come from a wave with a question for text."""
    found = wave(cohort, make_mixed("opinions"))
    LongTextQuestion.objects.create(instrument=found.instrument, key="more", order=9, text=words("más"), required=False)
    document = made.document(cohort)
    satisfaction = document["levels"][1]["indicators"][0]
    satisfaction["waves"] = [found.pk]
    satisfaction["texts"] = [
        "Más tiempo para los casos",
        "Menos teoría",
        "<script>alert(1)</script>",
        "Más práctica",
        "Todo bien",
    ]
    stored(cohort, document)
    return satisfaction


def test_texts_are_searched_without_accents_and_escaped(cohort, lead, asked):
    address = url("indicator_results", cohort.pk, "satisfaction", language="en")
    text = text_of(lead.get(address))
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    text = text_of(lead.get(address + "?q=teoria"))
    assert "Menos teoría" in text
    assert "Más práctica" not in text
    assert "1 of 5" in text
    assert "No text holds these words." in text_of(lead.get(address + "?q=zzz"))
    assert lead.get(address + "?q=%00").status_code == 400


def test_a_theme_is_given_once_found_again_and_taken_away(cohort, lead, asked):
    place = themes.place_of(cohort, asked)
    name = themes.text_id(place, "Menos teoría")
    address = url("indicator_themes", cohort.pk, "satisfaction", language="en")
    for _ in range(2):
        assert lead.post(address, {"text": name, f"theme-{name}": " más casos "}).status_code == 302
    tag = FreeTextTag.objects.get()
    assert (tag.tag, tag.text_id, tag.wave_id) == ("más casos", name, place.wave.pk)
    text = text_of(lead.get(url("indicator_results", cohort.pk, "satisfaction", language="en") + "?theme=m%C3%A1s+casos"))
    assert "Menos teoría" in text
    assert "Todo bien" not in text
    assert lead.post(address, {"remove": str(tag.pk)}).status_code == 302
    assert not FreeTextTag.objects.exists()


def test_bad_themes_are_refused_with_what_was_typed(cohort, lead, asked):
    place = themes.place_of(cohort, asked)
    name = themes.text_id(place, "Menos teoría")
    address = url("indicator_themes", cohort.pk, "satisfaction", language="en")
    assert "Write the theme" in text_of(lead.post(address, {"text": name, f"theme-{name}": ""}), 422)
    assert "y" * 61 in text_of(lead.post(address, {"text": name, f"theme-{name}": "y" * 61}), 422)
    for bad in (
        {"text": "f" * 64, f"theme-{'f' * 64}": "x"},
        {"text": "zzz"},
        {},
        {"remove": "x"},
        {"remove": "9" * 30},
        {"remove": ""},
    ):
        assert lead.post(address, bad).status_code == 404
    assert lead.post(address, {"text": name, f"theme-{name}": "a\x00"}).status_code == 422
    assert not FreeTextTag.objects.exists()


def test_trainers_read_texts_and_give_no_themes(cohort, asked):
    client = as_(person(cohort, "trainer"))
    text = text_of(client.get(url("indicator_results", cohort.pk, "satisfaction", language="en")))
    assert "Menos teoría" in text
    assert "Add the theme" not in text
    assert client.post(url("indicator_themes", cohort.pk, "satisfaction"), {}).status_code == 403
    assert client.get(url("indicator_themes", cohort.pk, "satisfaction")).status_code == 405


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_give_a_theme_once(cohort, asked, in_parallel):
    user, place = person(cohort, "lead"), themes.place_of(cohort, asked)
    results = in_parallel(lambda number: themes.add(place, "a" * 64, "casos", user), 10)
    assert not [result for result in results if isinstance(result, Exception)]
    assert FreeTextTag.objects.count() == 1
