"""The editorial desk: groups, rights, two looks before publishing, and what editors see first."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupPagePermission, Workflow, WorkflowPage

from curriculum.desk import EDITORS, REVIEWERS, TRANSLATORS, ensure_desk
from curriculum.models import HomePage, LessonPage
from tests.factories import UserFactory, make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    made = make_curriculum(1, 2)
    ensure_desk()
    return made


def member(group):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return user, client


def lesson(made, place=0):
    return LessonPage.objects.get(pk=made.page(made.keys[place]).pk)


def test_it_may_be_repeated(desk):
    before = (Group.objects.count(), GroupPagePermission.objects.count(), Workflow.objects.count(), WorkflowPage.objects.count())
    ensure_desk()
    after = (Group.objects.count(), GroupPagePermission.objects.count(), Workflow.objects.count(), WorkflowPage.objects.count())
    assert before == after


def test_it_works_on_an_empty_site(db):
    ensure_desk()


@pytest.mark.parametrize(
    ("group", "edits", "publishes"), [(EDITORS, True, True), (TRANSLATORS, True, False), (REVIEWERS, True, False)]
)
def test_who_may_what(desk, group, edits, publishes):
    user, client = member(group)
    rights = lesson(desk).permissions_for_user(user)
    assert rights.can_edit() is edits
    assert rights.can_publish() is publishes
    assert client.get("/admin/").status_code == 200


def test_trainees_do_not_come_in(desk):
    client = Client()
    client.force_login(UserFactory())
    assert client.get("/admin/").status_code in (302, 403)


def test_two_steps_before_publishing(desk):
    page = lesson(desk)
    workflow = page.get_workflow()
    assert [str(task) for task in workflow.tasks] == ["Clinical review", "Language and accessibility"]
    translator, _client = member(TRANSLATORS)
    reviewer, _client = member(REVIEWERS)
    editor, _client = member(EDITORS)
    page.title = "Nuevo título"
    page.save_revision(user=translator)
    state = workflow.start(page, translator)
    assert state.current_task_state.task.specific.user_can_access_editor(page, reviewer)
    state.current_task_state.approve(user=reviewer)
    state.refresh_from_db()
    assert str(state.current_task_state.task) == "Language and accessibility"
    page.refresh_from_db()
    assert page.title != "Nuevo título"
    state.current_task_state.approve(user=editor)
    page.refresh_from_db()
    assert page.title == "Nuevo título"


def test_the_first_screen_says_what_is_due(desk):
    page = lesson(desk)
    page.reviewed_by, page.reviewed_on = "Dra. X", timezone.localdate() - datetime.timedelta(days=20)
    page.save_revision().publish()
    desk.page(desk.keys[0], "en").unpublish()
    _user, client = member(EDITORS)
    shown = client.get("/admin/").content.decode()
    assert "desk-review" in shown
    assert f"/admin/pages/{lesson(desk, 1).pk}/edit/" in shown
    assert "desk-translation" in shown
    assert page.title in shown


def test_the_tree_cannot_be_built_wrongly(desk):
    home = HomePage.objects.first()
    assert {model.__name__ for model in HomePage.creatable_subpage_models()} == {
        "CurriculumPage",
        "ResourceIndexPage",
        "StandardPage",
    }
    assert HomePage.can_create_at(home.get_parent()) is False  # one per language is there
    assert LessonPage.creatable_subpage_models() == []


def test_editors_open_the_forms_of_every_kind(desk):
    _user, client = member(EDITORS)
    for key in (desk.key, desk.module_keys[0], desk.keys[0]):
        assert client.get(f"/admin/pages/{desk.page(key).pk}/edit/").status_code == 200


def test_every_block_of_a_lesson_has_a_preview(desk):
    _user, client = member(EDITORS)
    for name, block in LessonPage._meta.get_field("body").stream_block.child_blocks.items():
        response = client.get("/admin/block-preview/", {"id": block.definition_prefix})
        assert response.status_code == 200, name
        assert b"lms/css/app.css" in response.content
        assert block.meta.description, name
