"""An editor sees the start page of a questionnaire as a learner finds it, and can start nothing there."""

import pytest
from django.test import Client

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
    assert ("83" in shown) is (which == "quiz_page")
    assert "/start/" not in shown
    assert "Sin publicar" not in editor.get(page.url).content.decode()


def test_outside_a_preview_it_can_be_started(signed_in, world):
    shown = signed_in.get(world.quiz_page.url).content.decode()
    assert "/start/" in shown
    assert "disabled" not in shown
