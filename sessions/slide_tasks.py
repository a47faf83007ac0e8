"""What the worker does for slides."""

from django_tasks import task

from sessions import slide_pages


@task()
def draw_deck(deck_pk):
    slide_pages.draw(deck_pk)
