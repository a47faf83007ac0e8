"""What people have answered goes on as a new version; the old one is never touched."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from content.instrument_rows import meaning_of_row
from evaluations import versions
from evaluations.models import Instrument, Question
from evaluations.questions.reading import KINDS
from tests.evaluations.conftest import make_mixed, make_quiz
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def lock(instrument):
    instrument.locked_at = timezone.now()
    instrument.save()
    return instrument


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True), backend="django.contrib.auth.backends.ModelBackend")
    return client


def door(instrument):
    return reverse("evaluations_new_version", args=[instrument.pk])


def page_of(instrument, name):
    return reverse(instrument.snippet_viewset.get_url_name(name), args=[instrument.pk])


def rows_of(instrument):
    return list(Question.objects.non_polymorphic().filter(instrument=instrument).order_by("pk").values())


def test_every_kind_is_copied_and_the_old_version_stays(editor):
    old = lock(make_mixed())
    hanging = old.questions.get(key="single")
    hanging.section, hanging.show_if = "one", {"question": "likert", "any_of": [1, "na"]}
    hanging.save()
    before, meaning = rows_of(old), meaning_of_row(old)
    reply = editor.post(door(old))
    new = Instrument.objects.get(key=old.key, version=2)
    assert reply.url == page_of(new, "edit")
    assert editor.get(reply.url).status_code == 200
    assert new.locked_at is None
    assert new.sections == old.sections
    copied = new.questions.get(key="single")
    assert (copied.section, copied.show_if) == ("one", hanging.show_if)
    assert {type(question) for question in new.questions.all()} == set(KINDS)
    assert meaning_of_row(new) == meaning
    assert rows_of(old) == before
    assert not {row["id"] for row in before} & {row["id"] for row in rows_of(new)}
    question = new.questions.first()
    question.text = {"es": "Otra cosa"}
    question.save()
    assert meaning_of_row(old) == meaning


def test_the_button_is_there_once_people_have_answered_and_the_page_says_what_it_means(editor):
    checks, quiz = make_quiz(key="c", kind="check"), make_quiz()
    assert door(checks) not in editor.get(page_of(checks, "inspect")).content.decode()
    assert door(checks) in editor.get(page_of(lock(checks), "inspect")).content.decode()
    asks_old = "Lessons go on asking the question of the old version"
    profile = UserProfile.get_for_user(get_user_model().objects.get())
    profile.preferred_language = "en"
    profile.save()
    assert asks_old in editor.get(door(checks)).content.decode()
    assert asks_old not in editor.get(door(lock(quiz))).content.decode()
    assert Instrument.objects.count() == 2


def test_a_version_nobody_has_answered_is_edited_as_it_is(editor):
    quiz = make_quiz()
    assert editor.post(door(quiz)).url == page_of(quiz, "edit")
    assert Instrument.objects.count() == 1


def test_pressing_again_opens_the_same_one(editor):
    quiz = lock(make_quiz())
    assert editor.post(door(quiz)).url == editor.post(door(quiz)).url
    assert Instrument.objects.count() == 2


def test_only_those_who_may_add_instruments(client):
    quiz, user = lock(make_quiz()), UserFactory()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(door(quiz)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    client.post(door(quiz))
    assert Instrument.objects.count() == 1
    user.user_permissions.add(Permission.objects.get(codename="add_instrument"))
    client.post(door(quiz))
    assert Instrument.objects.count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_presses_make_one_version(in_parallel):
    quiz = lock(make_quiz())
    user = UserFactory(is_superuser=True)
    clients = [Client() for _ in range(10)]
    for client in clients:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    results = in_parallel(lambda n: clients[n].post(door(quiz)).status_code)
    assert results == [302] * 10
    assert Instrument.objects.count() == 2
    assert Question.objects.non_polymorphic().count() == 8


def test_by_whom_is_in_the_log():
    from wagtail.log_actions import registry

    quiz, user = lock(make_quiz()), UserFactory()
    entry = registry.get_logs_for_instance(versions.copy(quiz, user)).get()
    assert (entry.user, entry.action) == (user, "wagtail.create")
