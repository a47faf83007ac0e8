"""What was worked out from published pages is remembered until a page changes.

A generation token lives in the cache, where all processes see it; what was computed lives in the memory of each process, next to
the token it was computed under. Publishing, unpublishing, moving or deleting a page makes a new token, and everything is worked
out afresh when it is next asked for. Remembered things are shared between requests: never change them.
"""

import time
import uuid

from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

CACHE_KEY = "curriculum.generation"
SECONDS = 300  # without a shared cache, another process's publishing is noticed after this long
MOST = 5000

_memory = {}


def current():
    """The token of now."""
    return cache.get(CACHE_KEY) or cache.get_or_set(CACHE_KEY, lambda: uuid.uuid4().hex, None)


def bump(**_signal):
    """Forgets everything, now for this transaction and again once it is committed for everybody else."""
    _renew()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(_renew)


def _renew():
    cache.set(CACHE_KEY, uuid.uuid4().hex, None)


def remembered(name, build, token=None):
    """`build()`, or what it gave for this `name` (any hashable) since the last change of a page."""
    token = token or current()
    known = _memory.get(name)
    now = time.monotonic()
    if known and known[0] == token and now - known[1] < SECONDS:
        return known[2]
    value = build()
    if len(_memory) >= MOST:
        _memory.clear()
    _memory[name] = (token, now, value)
    return value


def watch_pages():
    """Connects `bump` to Wagtail's and Django's signals. Saving a draft (a few fields of a page) changes nothing for readers."""
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(bump, dispatch_uid="curriculum.generation")
    for model in (Page, Site, PageViewRestriction):
        post_delete.connect(bump, sender=model, dispatch_uid="curriculum.generation")
    for model in (Site, PageViewRestriction):
        post_save.connect(bump, sender=model, dispatch_uid="curriculum.generation")
    for model in apps.get_models():
        if issubclass(model, Page):
            post_save.connect(_page_saved, sender=model, dispatch_uid="curriculum.generation")


def watch(*bases):
    """Saving or deleting a row of these models, or of a kind of them, forgets everything. For what other floors show in pages."""
    for model in apps.get_models():
        if issubclass(model, bases):
            post_save.connect(bump, sender=model, dispatch_uid="curriculum.generation")
            post_delete.connect(bump, sender=model, dispatch_uid="curriculum.generation")


def _page_saved(instance, update_fields=None, **_signal):
    if update_fields is None and instance.live:
        bump()
