"""What a cohort has to do: modules and activities in order, in all languages, and where their pages are.

`current_outline` reads the live pages; a cohort that has started follows the outline frozen on its own row, so that publishing,
moving, renaming or deleting a page never moves anybody's progress until a lead adopts the new version.
"""

import uuid
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum import generation
from curriculum.models import Cohort
from curriculum.whereabouts import LANGUAGES, PageRef, as_uuid, page_of, site_map, tree, url_of

__all__ = [
    "Activity", "Module", "Outline", "PageRef", "adopt", "current_outline", "differs", "freeze", "in_language", "outline_of",
    "page_of", "site_map", "url_of",
]  # fmt: skip


def in_language(titles, language=None):
    """The title for `language` (default: the active one), else Spanish, else whatever there is, else ""."""
    language = language or translation.get_language() or settings.LANGUAGE_CODE
    return titles.get(language) or titles.get(settings.LANGUAGE_CODE) or next(iter(titles.values()), "")


@dataclass(frozen=True)
class Activity:
    key: uuid.UUID
    kind: str
    titles: dict
    minutes: int
    required: bool
    module_key: uuid.UUID
    revision: int | None

    def title(self, language=None):
        return in_language(self.titles, language)


@dataclass(frozen=True)
class Module:
    key: uuid.UUID
    slug: str
    number: int | None
    titles: dict
    requires_previous: bool
    activities: tuple[Activity, ...]

    def title(self, language=None):
        return in_language(self.titles, language)

    def heading(self, language=None):
        """The title with its number: "2. Setting up the service"."""
        return self.title(language) if self.number is None else f"{self.number}. {self.title(language)}"


@dataclass(frozen=True)
class Outline:
    curriculum_key: uuid.UUID
    version: str
    titles: dict
    modules: tuple[Module, ...]

    def title(self, language=None):
        return in_language(self.titles, language)

    @cached_property
    def activities(self):
        return tuple(activity for module in self.modules for activity in module.activities)

    @cached_property
    def required_keys(self):
        return frozenset(activity.key for activity in self.activities if activity.required)

    @cached_property
    def _by_key(self):
        return {activity.key: (activity, module) for module in self.modules for activity in module.activities}

    def find(self, key):
        return self._by_key.get(key, (None, None))[0]

    def module_of(self, key):
        return self._by_key.get(key, (None, None))[1]

    def to_json(self):
        return {
            "curriculum_key": str(self.curriculum_key),
            "version": self.version,
            "titles": self.titles,
            "modules": [_module_to_json(module) for module in self.modules],
        }

    @classmethod
    def from_json(cls, data):
        modules = tuple(_module_from_json(module) for module in data["modules"])
        return cls(uuid.UUID(data["curriculum_key"]), data["version"], data["titles"], modules)


def _module_to_json(module):
    activities = [
        {
            "key": str(activity.key),
            "kind": activity.kind,
            "titles": activity.titles,
            "minutes": activity.minutes,
            "required": activity.required,
            "revision": activity.revision,
        }
        for activity in module.activities
    ]
    return {
        "key": str(module.key),
        "slug": module.slug,
        "number": module.number,
        "titles": module.titles,
        "requires_previous": module.requires_previous,
        "activities": activities,
    }


def _module_from_json(data):
    key = uuid.UUID(data["key"])
    activities = tuple(
        Activity(module_key=key, **{**activity, "key": uuid.UUID(activity["key"])}) for activity in data["activities"]
    )
    return Module(**{**data, "key": key, "activities": activities})


# --- the outline of the pages as they are ----------------------------------------------------------------------------


def current_outline(curriculum_key):
    """The outline of the live pages in the source language (Spanish if there is one). Empty where nothing is published."""
    curriculum_key = as_uuid(curriculum_key)
    return generation.remembered(("outline", curriculum_key), lambda: _read_outline(curriculum_key))


def _read_outline(curriculum_key):
    titles = {}
    for language, refs in site_map(curriculum_key).items():
        for key, ref in refs.items():
            if ref.live:
                titles.setdefault(key, {})[language] = ref.title
    source = next((code for code in LANGUAGES if code in titles.get(curriculum_key, {})), None)
    live = {ref.page_id for ref in site_map(curriculum_key).get(source, {}).values() if ref.live}
    rows = [(page, extra) for page, extra in tree(curriculum_key) if page.pk in live]
    version = next((extra["version"] for _page, extra in rows if "version" in extra), "")
    return Outline(curriculum_key, version, titles.get(curriculum_key, {}), tuple(_modules(rows, titles)))


def _modules(rows, titles):
    for page, extra in rows:
        if extra.get("kind") != "module":
            continue
        key = page.translation_key
        activities = tuple(
            Activity(
                activity.translation_key, more["kind"], titles[activity.translation_key], more["minutes"], more["required"],
                key, activity.live_revision_id,
            )
            for activity, more in rows
            if "minutes" in more and activity.path.startswith(page.path)
        )  # fmt: skip
        yield Module(key, page.slug, extra["number"], titles[key], extra["requires_previous"], activities)


# --- the outline of a cohort -----------------------------------------------------------------------------------------


def outline_of(cohort):
    """What this cohort follows: its frozen outline, or the current one while nothing is frozen."""
    if not cohort.outline:
        return current_outline(cohort.curriculum_key)
    stamp = cohort.outline.get("stamp")
    if not stamp:
        return Outline.from_json(cohort.outline)
    return generation.remembered(("frozen", cohort.pk, stamp), lambda: Outline.from_json(cohort.outline), token=stamp)


def freeze(cohort):
    """Takes the outline of today for the cohort; called when it starts. Freezing again takes it anew."""
    with transaction.atomic():
        row = Cohort.objects.select_for_update().get(pk=cohort.pk)
        row.outline = {**current_outline(row.curriculum_key).to_json(), "stamp": uuid.uuid4().hex}
        row.save(update_fields=["outline"])
    cohort.outline = row.outline
    return outline_of(cohort)


def adopt(cohort):
    """A lead takes over what editors have published since. Completions stay; what is no longer asked for counts no more."""
    return freeze(cohort)


def differs(cohort):
    """What adopting would change, as a list of sentences; empty when the cohort is up to date."""
    if not cohort.outline:
        return []
    old, new = outline_of(cohort), current_outline(cohort.curriculum_key)
    before = {activity.key: activity for activity in old.activities}
    after = {activity.key: activity for activity in new.activities}
    changes = [_("Added: %(title)s") % {"title": after[key].title()} for key in after if key not in before]
    changes += [_("Removed: %(title)s") % {"title": before[key].title()} for key in before if key not in after]
    for key in before:
        if key in after:
            changes += _changes(before[key], after[key], old, new)
    kept_before, kept_after = [k for k in before if k in after], [k for k in after if k in before]
    if kept_before != kept_after or [m.key for m in old.modules] != [m.key for m in new.modules]:
        changes.append(_("The order or the modules changed."))
    gates = {module.key: module.requires_previous for module in new.modules}
    for module in old.modules:
        if gates.get(module.key, module.requires_previous) != module.requires_previous:
            changes.append(_("When it opens: %(title)s") % {"title": module.heading()})
    return changes


def _changes(old_activity, new_activity, old, new):
    title = new_activity.title()
    if old_activity.title() != title:
        yield _("Renamed: %(old)s → %(new)s") % {"old": old_activity.title(), "new": title}
    if old_activity.required != new_activity.required:
        words = _("Now required: %(title)s") if new_activity.required else _("Now optional: %(title)s")
        yield words % {"title": title}
    if old_activity.minutes != new_activity.minutes:
        minutes = {"title": title, "old": old_activity.minutes, "new": new_activity.minutes}
        yield _("Time: %(title)s (%(old)d min → %(new)d min)") % minutes
    if old_activity.module_key != new_activity.module_key:
        yield _("Moved: %(title)s → %(module)s") % {"title": title, "module": new.module_of(new_activity.key).title()}
