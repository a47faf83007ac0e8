import datetime

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from curriculum import progress
from curriculum.today import cards
from tests.curriculum.conftest import study
from tests.factories import make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english_and_nothing_started(settings):
    settings.ACTIVITY_STATES = []
    with translation.override("en"):
        yield


def shown(here, rf):
    request = rf.get("/en/today/")
    request.user = here.user
    made = cards(request, here.enrollment, progress.progress_of(here.enrollment))
    assert [card["order"] for card in made] == sorted(card["order"] for card in made)
    return "".join(render_to_string(card["template"], card["context"], request) for card in made)


def test_day_one(studying, rf):
    page = shown(studying, rf)
    assert "Start here" in page
    assert "Lesson 1.1" in page
    assert "Module 1 · 1 of 2 · 10 min" in page
    assert '<span class="big">0</span>' in page


def test_in_the_middle(studying, rf):
    progress.complete(studying.enrollment, studying.made.keys[0])
    progress.complete(studying.enrollment, studying.made.keys[1])
    page = shown(studying, rf)
    assert "Continue where you left off" in page
    assert "Lesson 2.1" in page
    assert "1 module finished" in page
    assert "Missing: Lesson 2.1" in page


def test_up_to_date(studying, rf):
    for key in studying.made.keys:
        progress.complete(studying.enrollment, key)
    page = shown(studying, rf)
    assert "Up to date" in page
    assert "/en/certificate/" in page


def test_waiting_for_a_module(made, rf):
    here = study(made)
    here.cohort.releases = {str(key): (timezone.now() + datetime.timedelta(days=2)).isoformat() for key in made.module_keys}
    here.enrollment.cohort = here.cohort
    assert "Opens on" in shown(here, rf)


def test_nothing_published(db, rf):
    assert "not been published yet" in shown(study(make_curriculum(0, 0)), rf)


def test_many_missing_are_counted(db, rf):
    assert "and 5 more" in shown(study(make_curriculum(2, 4)), rf)
