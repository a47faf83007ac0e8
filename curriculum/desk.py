"""The editorial desk: who writes, who translates, who reviews, and the two looks a page gets before it is published."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from curriculum.models import CurriculumPage, HomePage, ResourceIndexPage

EDITORS, TRANSLATORS, REVIEWERS = "Editors", "Translators", "Clinical reviewers"
PAGE_RIGHTS = {
    EDITORS: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"),
    TRANSLATORS: ("add_page", "change_page"),
    REVIEWERS: ("change_page", "lock_page"),
}
COLLECTION_RIGHTS = {
    EDITORS: ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document"),
    TRANSLATORS: ("choose_image", "choose_document"),
    REVIEWERS: ("choose_image", "choose_document"),
}
ADMIN = ("wagtailadmin", "access_admin")
TRANSLATE = ("wagtail_localize", "submit_translation")
OTHER_RIGHTS = {EDITORS: (ADMIN, TRANSLATE), TRANSLATORS: (ADMIN, TRANSLATE), REVIEWERS: (ADMIN,)}
WORKFLOW = "Clinical and language review"
STEPS = (("Clinical review", REVIEWERS), ("Language and accessibility", EDITORS))


@transaction.atomic
def ensure_desk():
    """Creates the groups with their rights on every home page's tree, and the review workflow of the curricula and the library.

    Safe to repeat: what is there stays, rights that somebody added by hand are kept.
    """
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in PAGE_RIGHTS}
    homes = list(HomePage.objects.all())
    for name, group in groups.items():
        _grant_other(group, OTHER_RIGHTS[name])
        _grant_pages(group, homes, PAGE_RIGHTS[name])
        _grant_collections(group, COLLECTION_RIGHTS[name])
    workflow = _workflow(groups)
    for page in [*CurriculumPage.objects.all(), *ResourceIndexPage.objects.all()]:
        WorkflowPage.objects.get_or_create(page=page, defaults={"workflow": workflow})
    return workflow


def _grant_other(group, names):
    for app, codename in names:
        if not group.permissions.filter(content_type__app_label=app, codename=codename).exists():
            group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


def _grant_pages(group, homes, codenames):
    rights = Permission.objects.filter(content_type__app_label="wagtailcore", content_type__model="page", codename__in=codenames)
    for permission in rights:
        for home in homes:
            GroupPagePermission.objects.get_or_create(group=group, page=home, permission=permission)


def _grant_collections(group, codenames):
    root = Collection.get_first_root_node()
    apps = ("wagtailimages", "wagtaildocs")
    for permission in Permission.objects.filter(content_type__app_label__in=apps, codename__in=codenames):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def _workflow(groups):
    workflow, _created = Workflow.objects.get_or_create(name=WORKFLOW, defaults={"active": True})
    for order, (name, reviewers) in enumerate(STEPS):
        task = GroupApprovalTask.objects.filter(name=name).first() or GroupApprovalTask.objects.create(name=name)
        if not task.groups.filter(pk=groups[reviewers].pk).exists():
            task.groups.add(groups[reviewers])
        WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": order})
    return workflow
