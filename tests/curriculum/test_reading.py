"""Who may read, what is closed and why, marking as read, and the pages around the lessons."""

import datetime
import uuid

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.documents.models import Document

from curriculum import progress
from curriculum.models import Completion, Enrollment, ResourceIndexPage, ResourcePage, StandardPage
from tests.curriculum.conftest import study
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum, make_home

pytestmark = pytest.mark.django_db
PREFIXES = ("es", "pt-br", "en")


def lesson_url(language="es", number=1, place=1):
    return f"/{language}/programa/m{number}/l{number}{place}/"


def act_url(key, act="complete"):
    return f"/es/activities/{key}/{act}/"


def signed_in(**fields):
    client = Client()
    client.force_login(UserFactory(**fields))
    return client


# --- who may read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", PREFIXES)
def test_visitors_are_sent_to_sign_in_and_come_back(made, client, language):
    response = client.get(lesson_url(language))
    assert response.status_code == 302
    assert response.url == f"/{language}/accounts/login/?next={lesson_url(language)}"


def test_a_person_without_a_place_is_told_so(made):
    response = signed_in().get(lesson_url("en"))
    assert response.status_code == 403
    assert b"not enrolled in this programme" in response.content
    assert b"/en/programa/" in response.content


def test_who_studies_reads(studying):
    response = studying.client.get(lesson_url("en"))
    assert response.status_code == 200
    page = response.content.decode()
    assert "<p>Lesson 1.1.</p>" in page
    assert "Mark as read" in page
    assert "1 of 2" in page


@pytest.mark.parametrize("role", [Enrollment.Role.TRAINER, Enrollment.Role.LEAD])
def test_trainers_and_leads_read_without_recording(made, role):
    here = study(made, role=role)
    response = here.client.get(lesson_url("en"))
    assert response.status_code == 200
    assert b"Mark as read" not in response.content


def test_a_trainer_of_another_programme_does_not_read(made):
    other = study(make_curriculum(1, 1, slug="otro"), role=Enrollment.Role.TRAINER)
    assert other.client.get(lesson_url()).status_code == 403


def test_operators_read(made):
    assert signed_in(is_superuser=True, is_staff=True).get(lesson_url()).status_code == 200


@pytest.mark.parametrize("status", ["candidate", "selected", "withdrawn", "not_selected"])
def test_who_is_not_a_member_does_not_read(made, status):
    assert study(made, status=status).client.get(lesson_url()).status_code == 403


def test_who_is_paused_reads_and_is_told_that_nothing_is_recorded(made):
    response = study(made, status="paused").client.get(lesson_url("en"))
    assert response.status_code == 200
    assert b"Your enrolment is paused" in response.content
    assert b"Mark as read" not in response.content


# --- marking as read -------------------------------------------------------------------------------------------------


def test_marking_as_read_and_as_not_read(studying):
    key = studying.made.keys[0]
    for _twice in range(2):
        response = studying.client.post(act_url(key), {"next": lesson_url()})
        assert (response.status_code, response.url) == (302, lesson_url())
    assert Completion.objects.filter(enrollment=studying.enrollment, activity_key=key).count() == 1
    assert b"Mark as not read" in studying.client.get(lesson_url("en")).content
    for _twice in range(2):
        assert studying.client.post(act_url(key, "reopen")).url == f"{lesson_url()}#read"
    assert not Completion.objects.exists()


def test_acts_need_post_and_a_signed_in_person(studying, client):
    key = studying.made.keys[0]
    for act in ("complete", "reopen"):
        assert studying.client.get(act_url(key, act)).status_code == 405
        response = client.post(act_url(key, act))
        assert response.status_code == 302
        assert "/accounts/login/" in response.url
    assert not Completion.objects.exists()


def test_acts_need_the_form_token(studying):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(studying.user)
    assert strict.post(act_url(studying.made.keys[0])).status_code == 403
    assert not Completion.objects.exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_redirects_stay_on_the_site(studying, target):
    response = studying.client.post(act_url(studying.made.keys[0]), {"next": target})
    assert response.url == f"{lesson_url()}#read"


def test_an_activity_of_nobodys_outline_is_not_found(studying):
    other = make_curriculum(1, 1, slug="otro")
    assert studying.client.post(act_url(other.keys[0])).status_code == 404
    assert studying.client.post(act_url(uuid.uuid4())).status_code == 404


def test_nobody_completes_for_others(made, studying):
    stranger, trainer = signed_in(), study(made, role=Enrollment.Role.TRAINER, cohort=studying.cohort)
    for someone in (stranger, trainer.client):
        assert someone.post(act_url(made.keys[0])).status_code == 404
    assert not Completion.objects.exists()


def test_a_quiz_is_not_completed_by_a_button(made):
    here = study(made)
    data = here.cohort.outline
    data["modules"][0]["activities"][0]["kind"] = "quiz"
    here.cohort.outline = {**data, "stamp": uuid.uuid4().hex}
    here.cohort.save()
    for act in ("complete", "reopen"):
        assert here.client.post(act_url(made.keys[0], act)).status_code == 403
    assert not Completion.objects.exists()


def test_who_is_paused_records_nothing(made):
    response = study(made, status="paused").client.post(act_url(made.keys[0]))
    assert response.status_code == 403
    assert not Completion.objects.exists()


def test_a_lesson_newer_than_the_cohorts_programme_is_readable_and_does_not_count(made):
    here = study(made)
    data = here.cohort.outline
    data["modules"][0]["activities"].pop(0)
    here.cohort.outline = {**data, "stamp": uuid.uuid4().hex}
    here.cohort.save()
    response = here.client.get(lesson_url("en"))
    assert response.status_code == 200
    assert b"does not count for the certificate" in response.content
    assert here.client.post(act_url(made.keys[0])).status_code == 404


# --- locked on every address -----------------------------------------------------------------------------------------


def locked_by_order():
    made = make_curriculum(2, 2, requires_previous=True)
    return study(made)


def locked_by_date():
    made = make_curriculum(2, 2)
    here = study(made)
    here.cohort.releases = {str(made.module_keys[1]): (timezone.now() + datetime.timedelta(days=3)).isoformat()}
    here.cohort.save()
    return here


@pytest.mark.parametrize("situation", [locked_by_order, locked_by_date])
def test_a_locked_module_is_locked_on_every_address(db, situation):
    here = situation()
    for place in (1, 2):
        for language in PREFIXES:
            response = here.client.get(lesson_url(language, 2, place))
            assert response.status_code == 403, (language, place)
            assert f"<p>{'Lesson' if language == 'en' else 'Li'}" not in response.content.decode()
            assert here.client.head(lesson_url(language, 2, place)).status_code == 403
    for key in here.made.lesson_keys[1]:
        assert here.client.post(act_url(key)).status_code == 403
    assert not Completion.objects.exists()


def test_the_locked_page_leads_to_what_is_missing(db):
    here = locked_by_order()
    page = here.client.get(lesson_url("en", 2)).content.decode()
    assert "Missing: Lesson 1.1 (module 1)" in page
    assert f'href="{lesson_url("en")}"' in page


def test_the_locked_page_says_when_it_opens(db):
    page = locked_by_date().client.get(lesson_url("en", 2)).content.decode()
    assert "<time datetime=" in page
    assert "This part opens on" in page


def test_a_locked_lesson_without_translation_is_locked_too(db):
    here = locked_by_order()
    here.made.page(here.made.lesson_keys[1][0], "en").unpublish()
    assert here.client.get(lesson_url("en", 2)).status_code == 403


# --- one's programme -------------------------------------------------------------------------------------------------


def test_the_programme_is_ones_own_curriculum_in_the_active_language(studying):
    assert studying.client.get("/pt-br/programme/").url == "/pt-br/programa/"


def test_visitors_sign_in_to_see_their_programme(client, db):
    assert "/accounts/login/" in client.get("/es/programme/").url


def test_without_a_cohort_the_programme_explains(made):
    response = signed_in().get("/en/programme/")
    assert response.status_code == 200
    assert b"You are not in a cohort yet" in response.content
    assert b"/en/programa/" in response.content


def test_a_candidate_is_told_to_wait(made):
    here = study(made, status="candidate")
    assert here.cohort.name in here.client.get("/en/programme/").content.decode()


def test_switching_between_cohorts(made):
    here = study(made)
    other = make_curriculum(1, 1, slug="otro")
    second = EnrollmentFactory(user=here.user, cohort=CohortFactory(curriculum_key=other.key))
    third = EnrollmentFactory(cohort=CohortFactory(curriculum_key=other.key))
    assert here.client.post(f"/es/enrollment/{second.pk}/use/").url == "/es/programme/"
    assert here.client.get("/es/programme/").url == "/es/otro/"
    assert here.client.post(f"/es/enrollment/{here.enrollment.pk}/use/", {"next": "/es/today/"}).url == "/es/today/"
    assert here.client.get("/es/programme/").url == "/es/programa/"
    assert here.client.post(f"/es/enrollment/{third.pk}/use/").status_code == 404
    assert here.client.get(f"/es/enrollment/{second.pk}/use/").status_code == 405
    assert "/accounts/login/" in Client().post(f"/es/enrollment/{second.pk}/use/").url


def test_the_cohort_in_use_is_the_one_that_is_counted(made):
    here = study(made)
    second = study(made, user=here.user, cohort=CohortFactory(curriculum_key=made.key)).enrollment
    here.client.post(f"/es/enrollment/{second.pk}/use/")
    here.client.post(act_url(made.keys[0]))
    assert Completion.objects.get().enrollment == second
    here.client.post(f"/es/enrollment/{here.enrollment.pk}/use/")
    assert b"Mark as read" in here.client.get(lesson_url("en")).content


# --- outline and module ----------------------------------------------------------------------------------------------


def test_visitors_read_the_description_and_the_titles_but_get_no_lessons(made, client):
    for address in ("/en/programa/", "/en/programa/m1/"):
        page = client.get(address).content.decode()
        assert "Lesson 1.1" in page
        assert lesson_url("en") not in page
    assert "/en/accounts/login/?next=/en/programa/" in client.get("/en/programa/").content.decode()


def test_a_member_sees_how_far_they_are(studying):
    progress.complete(studying.enrollment, studying.made.keys[0])
    page = studying.client.get("/en/programa/").content.decode()
    assert "1 of 4 activities" in page
    assert "about 30 min left" in page
    assert "Continue: Lesson 1.2" in page
    assert "%<" not in page
    assert page.count('class="now"') == 1
    module = studying.client.get("/en/programa/m1/").content.decode()
    assert "1 of 2 activities" in module
    assert f'data-save-offline="{lesson_url("en")} {lesson_url("en", 1, 2)}"' in module


def test_day_one_and_the_last_day(studying):
    assert b"Start here: Lesson 1.1" in studying.client.get("/en/programa/").content
    for key in studying.made.keys:
        progress.complete(studying.enrollment, key)
    page = studying.client.get("/en/programa/").content
    assert b"All 4 required activities done" in page
    assert b"/en/certificate/" in page


def test_the_outline_names_the_lock_and_links_no_locked_lesson(db):
    here = locked_by_order()
    for address in ("/en/programa/", "/en/programa/m2/"):
        page = here.client.get(address).content.decode()
        assert "Missing: Lesson 1.1 (module 1)" in page
        assert lesson_url("en", 2) not in page


def test_an_empty_curriculum_says_so(db, client):
    made = make_curriculum(0, 0)
    assert b"The programme has not been published yet" in client.get("/en/programa/").content
    assert b"The programme has not been published yet" in study(made).client.get("/en/programa/").content


def test_an_empty_module_says_so(db, client):
    make_curriculum(1, 0)
    assert b"Nothing to do in this module yet" in client.get("/en/programa/m1/").content


@pytest.mark.parametrize("signed_in_as_member", [True, False])
def test_a_module_without_activities_is_announced_on_the_outline(db, client, signed_in_as_member):
    made = make_curriculum(1, 0)
    reader = study(made).client if signed_in_as_member else client
    page = reader.get("/en/programa/").content.decode()
    assert "<p>Module 1.</p>" in page
    assert "<li>Module 1 …</li>" in page
    assert "Nothing to do" not in page


def test_an_announced_module_is_borrowed_from_spanish_and_marked_so(db, client):
    made = make_curriculum(1, 0)
    made.page(made.module_keys[0], "en").unpublish()
    page = client.get("/en/programa/").content.decode()
    assert 'lang="es"' in page
    assert "<p>Módulo 1.</p>" in page


OUTLINE_QUERIES = 30


@pytest.mark.parametrize(("modules", "lessons"), [(1, 1), (20, 10)])
def test_the_outline_page_has_a_constant_number_of_queries(db, django_assert_max_num_queries, modules, lessons):
    here = study(make_curriculum(modules, lessons, languages=("es",)))
    here.client.get("/es/programa/")
    with django_assert_max_num_queries(OUTLINE_QUERIES) as captured:
        assert here.client.get("/es/programa/").status_code == 200
    counts.setdefault("outline", set()).add(len(captured))
    assert len(counts["outline"]) == 1


counts = {}


# --- home, plain pages, library --------------------------------------------------------------------------------------


def test_the_front_door(made, client):
    page = client.get("/en/").content.decode()
    assert "/en/programa/" in page
    assert "/en/accounts/login/" in page
    assert client.get("/").status_code == 302


def test_the_front_door_before_anything_is_published(db, client):
    make_home()
    assert b"The programme has not been published yet" in client.get("/en/").content


def test_a_plain_page(db, client):
    home = make_home()["en"]
    page = StandardPage(title="About", slug="about", body="<p>Words.</p>", reviewed_on=datetime.date(2026, 11, 2))
    home.add_child(instance=page)
    shown = client.get("/en/about/").content.decode()
    assert "<p>Words.</p>" in shown
    assert "Last reviewed on" in shown


def library(language="en", **resources):
    homes = make_home()
    index = homes[language].add_child(instance=ResourceIndexPage(title="Library", slug="library"))
    for title, fields in resources.items():
        index.add_child(instance=ResourcePage(title=title, slug=title.lower(), summary=f"About {title}", **fields))
    return index


def test_an_empty_library_says_so(db, client):
    library()
    assert b"There are no resources yet" in client.get("/en/library/").content


def test_filters_and_search(db, client):
    library(
        Evaluación={"resource_type": "guide", "standard": 3, "country": "MX"},
        Slides={"resource_type": "slides", "audience": "managers", "pillar": "policy"},
    )

    def shown(query):
        page = client.get(f"/en/library/?{query}").content.decode()
        return ["Evaluación</a>" in page, "Slides</a>" in page]

    assert shown("") == [True, True]
    assert shown("resource_type=guide") == [True, False]
    assert shown("audience=managers") == [False, True]
    assert shown("standard=3") == [True, False]
    assert shown("country=MX") == [True, False]
    assert shown("pillar=policy") == [False, True]
    assert shown("language=en") == [True, True]
    assert shown("q=evaluacion") == [True, False]
    assert shown("resource_type=nonsense&standard=99&country=%27&page=x") == [True, True]
    page = client.get("/en/library/?q=zzzz").content
    assert b"Nothing fits" in page
    assert b'value="zzzz"' in page


def test_a_resource_in_two_languages_is_one_card(db, client):
    key = uuid.uuid4()
    library("en", Guide={"translation_key": key})
    spanish = make_home()["es"].add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca"))
    spanish.add_child(instance=ResourcePage(title="Guía", slug="guia", summary="…", translation_key=key, locale=spanish.locale))
    page = client.get("/en/library/").content.decode()
    assert "1 resource" in page
    assert "/es/biblioteca/guia/" in page
    assert "Guía</a>" not in page


@pytest.mark.parametrize("number", [1, 30])
def test_the_library_has_a_constant_number_of_queries(db, client, django_assert_max_num_queries, number):
    document = Document(title="Sheet")
    document.file.save("sheet.pdf", ContentFile(b"%PDF-1.4"))
    index = library()
    for n in range(number):
        index.add_child(instance=ResourcePage(title=f"R {n}", slug=f"r{n}", summary="…", document=document, standard=1))
    client.get("/en/library/")
    with django_assert_max_num_queries(35) as captured:
        page = client.get("/en/library/").content.decode()
    assert page.count('class="panel stack g2"') == min(number, 20)
    counts.setdefault("library", set()).add(len(captured))
    assert max(counts["library"]) - min(counts["library"]) <= 0


def test_a_resource_tells_its_versions_and_the_size_of_its_file(db, client):
    document = Document(title="Sheet", file_size=180_000)
    document.file.save("sheet.pdf", ContentFile(b"%PDF-1.4"))
    Document.objects.filter(pk=document.pk).update(file_size=180_000)
    library(Guide={"document": document, "version": "1"})
    page = ResourcePage.objects.get(title="Guide")
    for version, note in (("1", "First"), ("2", "New figures")):
        page.version, page.version_note = version, note
        page.save_revision().publish()
    page.version = "3"
    page.save_revision()
    shown = client.get("/en/library/guide/").content.decode()
    assert "180 kB" in shown
    assert "New figures" in shown
    assert "First" in shown
    assert "<b>3</b>" not in shown
