"""The reader's side of Wagtail's pages that are not activities. Wagtail has routed, and has checked who may see them."""

from django.shortcuts import render
from wagtail.models import PageLogEntry

from curriculum import progress, roles, serving
from curriculum.library import Library
from curriculum.models import CurriculumPage, ResourceIndexPage, StandardPage
from curriculum.module_words import about_modules
from curriculum.outline import current_outline, url_of


def home(request, page):
    """What this is, for somebody who comes for the first time."""
    request.page_translations = serving.translations_of_page(page)
    context = {
        "page": page,
        "curricula": list(CurriculumPage.objects.child_of(page).live().public()),
        "library": ResourceIndexPage.objects.child_of(page).live().public().first(),
        "plain_pages": list(StandardPage.objects.child_of(page).live().public()),
    }
    return render(request, "curriculum/home_page.html", context)


def curriculum(request, page):
    """For a member the outline with progress; for anybody else the description and what the modules are about."""
    key = page.translation_key
    request.page_translations, request.navigation_place = serving.translations(key, key), "programme"
    enrollment, counted = _progress(request, key)
    context = {"page": page, "outline": current_outline(key), "enrollment": enrollment, "progress": counted}
    about = about_modules(key)
    context["may_read"] = enrollment is None and roles.reads_without_enrollment(request.user, key)
    if counted:
        context["next"] = progress.next_activity(enrollment, progress=counted)
        context["items"] = [(item, about.get(item.module.key)) for item in counted.items]
        context["count"] = len(counted.states)
    else:
        context["modules"] = [
            {**_module_lines(module, key, context["may_read"]), "about": about.get(module.key)}
            for module in context["outline"].modules
        ]
        context["minutes"] = sum(activity.minutes for activity in context["outline"].activities)
    return render(request, "curriculum/curriculum_page.html", context)


def module(request, page):
    curriculum_page = CurriculumPage.objects.ancestor_of(page).first()
    key = curriculum_page.translation_key
    request.page_translations, request.navigation_place = serving.translations(page.translation_key, key), "programme"
    enrollment, counted = _progress(request, key)
    outline = current_outline(key)
    modules = [one.key for one in outline.modules]
    context = {"page": page, "curriculum": curriculum_page, "enrollment": enrollment}
    if counted:
        context["next"] = progress.next_activity(enrollment, progress=counted)
        context["item"] = next((item for item in counted.items if item.module.key == page.translation_key), None)
        context["offline"] = _to_save(context["item"])
    if context.get("item") is None and page.translation_key in modules:
        may_read = counted is not None or roles.reads_without_enrollment(request.user, key)
        context["lines"] = _module_lines(outline.modules[modules.index(page.translation_key)], key, may_read)
    return render(request, "curriculum/module_page.html", context)


def _to_save(item):
    """The addresses of a module's lessons that the person can read; questionnaires need the server."""
    states = item.activities if item else []
    return [state.url for state in states if state.activity.kind == "lesson" and state.url and state.state != "locked"]


def _progress(request, curriculum_key):
    enrollment = roles.enrollment_for(request.user, curriculum_key, request.session.get("enrollment"))
    if enrollment is None:
        return None, None
    enrollment.user = request.user
    return enrollment, progress.progress_of(enrollment)


def _module_lines(one, curriculum_key, may_read):
    """A module as people see it who do not study: titles and minutes; addresses only for those who may read."""
    lines = [(activity, url_of(activity.key, curriculum_key) if may_read else None) for activity in one.activities]
    return {"module": one, "url": url_of(one.key, curriculum_key), "lines": lines}


def standard(request, page):
    request.page_translations = serving.translations_of_page(page)
    children = list(StandardPage.objects.child_of(page).live().public())
    return render(request, "curriculum/standard_page.html", {"page": page, "children": children})


def resource_index(request, page):
    request.page_translations = serving.translations_of_page(page)
    return render(request, "curriculum/resource_index_page.html", {"page": page, "library": Library(request.GET)})


def resource(request, page):
    request.page_translations = serving.translations_of_page(page)
    index = ResourceIndexPage.objects.ancestor_of(page).first()
    return render(request, "curriculum/resource_page.html", {"page": page, "index": index, "versions": _versions(page)})


def _versions(page):
    """What was published when: the newest publication of each version, newest first."""
    entries = PageLogEntry.objects.filter(page_id=page.pk, action="wagtail.publish", revision__isnull=False)
    versions = {}
    for entry in entries.select_related("revision").order_by("-timestamp")[:100]:
        content = entry.revision.content
        versions.setdefault(content.get("version"), {"note": content.get("version_note"), "at": entry.timestamp})
    return [{"version": version, **rest} for version, rest in versions.items() if version]
