"""An editor sees the start page of a questionnaire as a learner finds it, and can start nothing there."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.evaluations.conftest import CANARY, make_mixed
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("which", ["survey_page", "quiz_page"])
def test_a_draft_is_previewed_as_a_learner_sees_it(world, which):
    page = getattr(world, which)
    page.title, page.intro = "Sin publicar", "<p>Una frase.</p>"
    page.pass_mark = 83
    page.save_revision()
    editor = Client()
    editor.force_login(UserFactory(is_superuser=True, is_staff=True), backend="django.contrib.auth.backends.ModelBackend")
    reply = editor.get(f"/admin/pages/{page.pk}/view_draft/")
    shown = reply.content.decode()
    assert reply.status_code == 200
    for text in ("Sin publicar", "Una frase.", '<section class="panel lead', 'class="btn full" disabled', "<dt>"):
        assert text in shown
    assert (">83\u00a0%<" in shown) is (which == "quiz_page")
    assert "/start/" not in shown
    assert "Sin publicar" not in editor.get(page.url).content.decode()


def test_outside_a_preview_it_can_be_started(signed_in, world):
    shown = signed_in.get(world.quiz_page.url).content.decode()
    assert "/start/" in shown
    assert "disabled" not in shown


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True), backend="django.contrib.auth.backends.ModelBackend")
    return client


def preview_of(instrument):
    return reverse("evaluations_preview", args=[instrument.pk])


@pytest.mark.parametrize(("code", "mark"), [("es", "(es)"), ("pt-br", "(pt)"), ("en", "(en)")])
def test_an_instrument_is_seen_as_people_see_it_in_each_language(editor, code, mark):
    mixed = make_mixed()
    single = mixed.questions.get(key="single")
    single.show_if = {"question": "likert", "any_of": [1, "na"]}
    single.section = "one"
    single.save()
    reply = editor.get(preview_of(mixed), {"language": code})
    page = reply.content.decode()
    assert reply.status_code == 200
    assert f'<html lang="{code}">' in page
    for text in ("Mixto", "escala", "una", "ordenar", "unir", "un caso", "antes y ahora", "criterio", "Parte", "punto 1"):
        assert f"{text} {mark}" in page
    assert "likert" in page
    for other in {"(es)", "(pt)", "(en)"} - {mark}:
        assert other not in page
    assert page.count("aria-current") == 1


def test_nothing_can_be_sent_from_it_and_no_key_is_in_it(editor):
    page = editor.get(preview_of(make_mixed())).content.decode()
    assert "<form" not in page
    assert "<script" not in page
    assert CANARY not in page
    assert "-tells" not in page


@pytest.mark.parametrize("code", ["", "xx", "e" * 5000])
def test_another_language_is_the_first(editor, code):
    reply = editor.get(preview_of(make_mixed()), {"language": code})
    assert reply.status_code == 200
    assert '<html lang="es">' in reply.content.decode()


def test_only_those_who_may_see_instruments(client):
    mixed, user = make_mixed(), UserFactory()
    assert client.get(preview_of(mixed)).status_code == 302
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for permission, status in (("access_admin", 302), ("view_instrument", 200)):
        assert client.get(preview_of(mixed)).status_code == 403 if permission == "access_admin" else True
        user.user_permissions.add(Permission.objects.get(codename=permission))
        assert client.get(preview_of(mixed)).status_code == status
    assert client.post(preview_of(mixed)).status_code == 405
