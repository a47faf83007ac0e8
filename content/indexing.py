"""Search and references for many pages at once. Wagtail queues two tasks for each save, and a load saves each page three times."""

from contextlib import contextmanager

from django.db.models.signals import post_save
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.models import Page, ReferenceIndex
from wagtail.search import index
from wagtail.signal_handlers import disable_reference_index_auto_update


@contextmanager
def indexed_at_the_end(models, touched):
    """Within it, saving a page of `models` queues nothing; at its end the pages in `touched` (ids) are indexed, once and now.

    The search handlers are disconnected for the whole process: it is for commands, not for a server.
    """
    for model in models:
        post_save.disconnect(post_save_signal_handler, sender=model)
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        for model in models:
            post_save.connect(post_save_signal_handler, sender=model)
    for page in Page.objects.filter(pk__in=touched).specific():
        index.insert_or_update_object(page)
        ReferenceIndex.create_or_update_for_object(page)
