"""A new version of an instrument that people have answered: the same questions on rows of their own, free to be edited."""

from django.db import IntegrityError, transaction
from wagtail.log_actions import log

from evaluations import composing
from evaluations.models import Instrument
from evaluations.questions.reading import questions_of


class NotLocked(Exception):
    """Nobody has answered this version, so it is edited as it is."""


def copy(instrument, by):
    """The next version of `instrument`, unlocked and with copies of its questions; the old version is never touched.

    Where the next version exists already it is given back, so that ten presses make one. Raises `NotLocked`.
    """
    if instrument.locked_at is None:
        raise NotLocked
    place = {"key": instrument.key, "version": instrument.version + 1}
    try:
        with transaction.atomic():
            words = {"title": instrument.title, "intro": instrument.intro, "sections": instrument.sections}
            made = Instrument.objects.create(**place, kind=instrument.kind, **words)
            for question in questions_of(instrument.pk):
                type(question).objects.create(instrument=made, **composing.copy_values(question))
            log(instance=made, action="wagtail.create", user=by)
    except IntegrityError:
        return Instrument.objects.get(**place)
    return made
