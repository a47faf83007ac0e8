"""What the worker does for slides."""

from django_tasks import task

from sessions import slides


@task()
def draw_deck(deck_pk):
    slides.draw(deck_pk)
