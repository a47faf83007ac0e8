"""The frame of every page: languages that keep the place, the navigation of the role in use, and what it costs."""

import datetime
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import RequestFactory, TestCase

from curriculum import certification
from curriculum.models import Certificate, Enrollment
from lms import shell
from tests import factories
from tests.curriculum.certifying import a_certificate

pytestmark = pytest.mark.django_db


def enrolled(**fields):
    return factories.EnrollmentFactory(**fields).user


def text_of(client, path="/en/today/"):
    return client.get(path).content.decode()


def switch_links(text):
    menu = text[text.index('class="drop"') :]
    return dict(re.findall(r'<a href="([^"]+)" lang="([^"]+)"', menu[: menu.index("</details>")]))


# --- languages ---
def test_the_switch_keeps_the_place_of_a_view_and_its_query(client):
    links = {language: url for url, language in switch_links(text_of(client, "/es/search/?q=cadera&language=es")).items()}
    assert links == {
        "es": "/es/search/?q=cadera&amp;language=es",
        "pt-br": "/pt-br/search/?q=cadera&amp;language=es",
        "en": "/en/search/?q=cadera&amp;language=es",
    }


def test_the_switch_keeps_the_place_of_a_page_of_the_tree(rf):
    request = rf.get("/es/programa/m1/l1/")
    request.page_translations = {"es": "/es/programa/m1/l1/", "en": "/en/programme/m1/l1/"}
    assert [(language.code, language.url) for language in shell.Shell(request).languages] == [
        ("es", "/es/programa/m1/l1/"),
        ("en", "/en/programme/m1/l1/"),
    ]


def test_visitors_get_alternates_with_full_addresses(client, settings):
    text = text_of(client, "/es/privacy/")
    assert f'hreflang="pt-br" href="{settings.SITE_BASE_URL}/pt-br/privacy/"' in text


def test_a_page_is_in_the_language_of_its_address(client):
    for code in ("es", "pt-br", "en"):
        assert f'<html lang="{code}"' in text_of(client, f"/{code}/privacy/")


# --- roles ---
@pytest.mark.parametrize(
    ("role", "there", "missing"),
    [
        ("trainee", ["/en/today/", "/en/programme/", "/en/live/"], ["/en/cohorts/"]),
        ("trainer", ["/en/cohorts/", "/en/live/"], ["/en/programme/"]),
        ("lead", ["/en/cohorts/", "/en/live/"], ["/en/programme/"]),
    ],
)
def test_the_navigation_follows_the_role(client, role, there, missing):
    client.force_login(enrolled(role=role))
    bar = re.search(r'<nav class="tabbar".*?</nav>', text_of(client, "/en/account/"), re.S)[0]
    for url in there:
        assert f'href="{url}"' in bar
    for url in missing:
        assert f'href="{url}"' not in bar


def test_people_with_two_roles_switch(client):
    person = enrolled(role="lead")
    factories.EnrollmentFactory(user=person)
    client.force_login(person)
    assert 'name="role" value="trainee"' in text_of(client, "/en/account/")
    assert client.post("/en/account/", {"role": "trainee"}).status_code == 302
    text = text_of(client, "/en/account/")
    assert 'name="role" value="lead"' in text
    assert 'name="role" value="trainee"' not in text


def test_nobody_takes_a_role_that_is_not_theirs(client):
    client.force_login(enrolled())
    assert client.post("/en/account/", {"role": "lead"}).status_code == 422
    assert 'href="/en/cohorts/"' not in text_of(client, "/en/account/")


def test_ended_enrolments_give_no_role():
    person = enrolled(role="lead", status=Enrollment.Status.WITHDRAWN)
    assert shell.find_roles(person) == []


def test_editors_get_the_way_to_the_editor(client):
    person = factories.UserFactory()
    group = Group.objects.create(name="Words")
    group.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    person.groups.add(group)
    assert shell.find_roles(person) == ["editor"]
    client.force_login(person)
    assert 'href="/admin/"' in text_of(client, "/en/account/")


def test_the_library_is_linked_as_soon_as_it_is_published(client):
    from curriculum.models import ResourceIndexPage

    home = factories.make_home()["en"]
    assert "/library/" not in text_of(client, "/en/privacy/")
    page = home.add_child(instance=ResourceIndexPage(title="Library", slug="library", locale=home.locale, live=False))
    page.save_revision().publish()
    assert 'href="/en/library/"' in text_of(client, "/en/privacy/")
    page.refresh_from_db()
    page.unpublish()
    assert "/library/" not in text_of(client, "/en/privacy/")


def test_the_foot_links_the_pages_below_the_home_page_once(client):
    from curriculum.models import StandardPage

    home = factories.make_home()["en"]
    for slug, title in (("evidence", "Evidence"), ("privacy", "Our words on privacy")):
        home.add_child(
            instance=StandardPage(title=title, slug=slug, locale=home.locale, body="<p>…</p>")
        ).save_revision().publish()
    foot = text_of(client, "/en/offline/").split("<footer")[1]
    assert '<a href="/en/evidence/">Evidence</a>' in foot
    assert foot.count("/en/privacy/") == 1


def test_the_privacy_page_has_the_editors_words(client):
    from curriculum.models import StandardPage

    home = factories.make_home()["en"]
    assert "Who sees it" in text_of(client, "/en/privacy/")
    page = home.add_child(
        instance=StandardPage(title="Privacy", slug="privacy", locale=home.locale, body="<p>Kept in Oaxaca.</p>")
    )
    page.save_revision().publish()
    text = text_of(client, "/en/privacy/")
    assert "Kept in Oaxaca." in text
    assert "Who sees it" not in text
    assert "What each consent is for" in text


def test_the_programme_is_marked_on_its_pages_and_the_cohorts_on_a_persons(client):
    made = factories.make_curriculum(1, 1)
    enrollment = enrolled_in(made)
    client.force_login(enrollment.user)
    for address in ("/en/programa/", "/en/programa/m1/", "/en/programa/m1/l11/"):
        assert '<a href="/en/programme/" aria-current="page">' in text_of(client, address)
    lead = factories.EnrollmentFactory(cohort=enrollment.cohort, role="lead")
    client.force_login(lead.user)
    assert '<a href="/en/cohorts/" aria-current="page">' in text_of(client, f"/en/enrollments/{enrollment.pk}/")


def enrolled_in(made):
    return factories.EnrollmentFactory(cohort=factories.CohortFactory(curriculum_key=made.key))


# --- mentors ---
@pytest.mark.parametrize(("language", "word"), [("en", "Mentor"), ("es", "Mentor o mentora"), ("pt-br", "Mentor ou mentora")])
def test_who_holds_a_certificate_reads_mentor_under_the_brand(client, language, word):
    person = certified_person()
    client.force_login(person)
    assert f"<small>{word}</small>" in text_of(client, f"/{language}/account/")


def test_the_word_follows_the_certificate(client):
    person = certified_person()
    client.force_login(person)
    certificate = Certificate.objects.get(enrollment__user=person)
    assert "<small>Mentor</small>" in text_of(client, "/en/account/")
    lead = enrolled(role="lead", cohort=certificate.enrollment.cohort)
    with TestCase.captureOnCommitCallbacks(execute=True):
        certification.revoke(certificate, lead, "mistake", "x")
    assert "<small>Trainee</small>" in text_of(client, "/en/account/")
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=None, expires_on="2020-01-01")
    cache.clear()
    assert "<small>Trainee</small>" in text_of(client, "/en/account/")


def test_a_lead_who_is_a_mentor_acts_as_a_lead(client):
    person = certified_person()
    factories.EnrollmentFactory(user=person, role="lead")
    client.force_login(person)
    text = text_of(client, "/en/account/")
    assert "<small>Programme lead</small>" in text
    assert re.search(r'name="role" value="trainee">.*?Mentor</button>', text, re.S)
    assert client.post("/en/account/", {"role": "mentor"}).status_code == 422


def certified_person():
    enrollment = factories.EnrollmentFactory(status="certified")
    a_certificate(enrollment, expires_on=datetime.date(2099, 1, 1))
    return enrollment.user


# --- cost ---
def test_visitors_cost_no_query(client, django_assert_num_queries):
    text_of(client, "/en/offline/")  # the library's address is remembered
    with django_assert_num_queries(0):
        text_of(client, "/en/offline/")


def test_roles_cost_one_query_and_then_none(django_assert_num_queries):
    person = enrolled()
    request = RequestFactory().get("/en/today/")
    request.user, request.session = person, {}
    with django_assert_num_queries(1):
        assert shell.roles_of(request) == ["trainee"]
    with django_assert_num_queries(0):
        assert shell.roles_of(request) == ["trainee"]


def test_a_signed_in_page_costs_the_session_and_the_person(client, django_assert_num_queries):
    client.force_login(enrolled())
    text_of(client, "/en/offline/")
    with django_assert_num_queries(2):
        text_of(client, "/en/offline/")


# --- colours, data ---
def test_the_account_decides_the_colours(client):
    client.force_login(factories.UserFactory(color_scheme="dark"))
    text = text_of(client, "/en/account/")
    assert 'data-scheme="dark"' in text
    assert text.count('name="theme-color"') == 1


def test_save_data_fetches_no_fonts(client):
    assert "woff2" in text_of(client, "/en/privacy/")
    text = client.get("/en/privacy/", headers={"save-data": "on"}).content.decode()
    assert "woff2" not in text
    assert "data-save" in text


def test_the_dark_values_are_the_same_for_device_and_account():
    from pathlib import Path

    css = (Path(shell.__file__).parent / "static/lms/css/app.css").read_text()
    device = re.search(r':root:not\(\[data-scheme="light"\]\) \{(.*?)\}', css, re.S)[1].split()
    account = re.search(r':root\[data-scheme="dark"\] \{(.*?)\}', css, re.S)[1].replace("color-scheme: dark;", "").split()
    assert device == account


def test_the_sheet_and_the_script_stay_small():
    import gzip
    from pathlib import Path

    folder = Path(shell.__file__).parent / "static/lms"
    assert len(gzip.compress((folder / "css/app.css").read_bytes(), 9)) <= 12_000
    sizes = [path.stat().st_size for path in (folder / "js").glob("*.js")]
    assert max(sizes) <= 8_000 and sum(sizes) <= 10_000


# --- the summary of errors ---
def test_the_title_of_a_page_with_errors_says_so(client):
    client.force_login(factories.UserFactory())
    text = client.post("/en/profile/name/", {"certificate_name": "", "language": "en"}).content.decode()
    assert "<title>Error: " in text
    assert 'href="#id_certificate_name"' in text


def test_every_icon_can_be_drawn():
    from lms.icons import ICONS
    from lms.templatetags.components import icon

    for name in ICONS:
        assert icon(name).startswith("<svg")


def test_every_template_of_ours_compiles():
    from pathlib import Path

    from django.template.loader import get_template

    folder = Path(shell.__file__).parent / "templates"
    for path in folder.rglob("*.*"):
        get_template(str(path.relative_to(folder)))


def test_pagination_keeps_the_other_parameters(rf):
    from django.core.paginator import Paginator

    page = Paginator(range(50), 10).get_page(2)
    text = render_to_string("components/pagination.html", {"page_obj": page, "request": rf.get("/?q=a&page=2")})
    assert "?q=a&amp;page=1" in text
    assert "?q=a&amp;page=3" in text
