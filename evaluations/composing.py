"""The questions of an instrument in their order: place, move, remove, copy in; its sections. Only until somebody has answered."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from evaluations import conditions
from evaluations.models import Instrument, Question
from evaluations.questions import reading
from evaluations.questions.reading import questions_of

SECTIONS, MOVED, COPIED = "evaluations.sections", "evaluations.move_question", "evaluations.copy_question"
KEYED = ("single-choice", "multiple-choice", "partial-choice", "vignette", "ordering", "matching")
FITTING = {
    "quiz": KEYED,
    "check": ("single-choice", "multiple-choice", "partial-choice"),
    "rubric": ("rubric",),
    "survey": tuple(kind.kind for kind in reading.KINDS if kind.kind not in ("rubric", "partial-choice", "ordering", "matching")),
}


class Refused(Exception):
    """Why not, in a sentence for the person: `text`."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


class Locked(Refused):
    def __init__(self):
        super().__init__(
            _("People have answered this version, so it is read-only. To change a wording, make a new version of the instrument.")
        )


def kinds_for(instrument_kind):
    """The kinds of question (classes) that may stand in an instrument of this kind."""
    return tuple(kind for kind in reading.KINDS if kind.kind in FITTING.get(instrument_kind, ()))


def hold(pk):
    """The instrument, held until the end of the transaction. Raises `Locked`, and `Instrument.DoesNotExist`."""
    instrument = Instrument.objects.select_for_update().get(pk=pk)
    if instrument.locked_at is not None:
        raise Locked
    return instrument


@transaction.atomic
def place_last(question):
    """Gives a new question the place after all others of its instrument."""
    hold(question.instrument_id)
    others = Question.objects.non_polymorphic().filter(instrument_id=question.instrument_id)
    question.order = max(others.values_list("order", flat=True), default=0) + 1


@transaction.atomic
def move(question, step, by):
    """One place up (`step` -1) or down (1). At the end nothing happens. Raises `Refused` where branching would break."""
    instrument = hold(question.instrument_id)
    questions = questions_of(instrument.pk)
    here = next((place for place, other in enumerate(questions) if other.pk == question.pk), None)
    if here is None or not 0 <= here + step < len(questions):
        return
    questions.insert(here + step, questions.pop(here))
    if wrong := conditions.out_of_order(questions):
        told = {"later": wrong[0].key, "earlier": wrong[1]}
        raise Refused(_("“%(later)s” is asked only after an answer to “%(earlier)s”, so it has to stay behind it.") % told)
    _number(questions)
    log(instance=instrument, action=MOVED, user=by, data={"question": question.key, "place": here + step + 1})


def _number(questions):
    for order, question in enumerate(questions, start=1):
        if question.order != order:
            question.order = order
            question.save(update_fields=["order"])


@transaction.atomic
def remove(question, by):
    """Deletes a question on which no other hangs and which no lesson or person uses. Raises `Refused`."""
    instrument = hold(question.instrument_id)
    hanging = conditions.hanging_on(question.key, questions_of(instrument.pk))
    if hanging:
        keys = ", ".join(other.key for other in hanging)
        raise Refused(
            _("Other questions are asked only after an answer to this one: %(keys)s. Change those first.") % {"keys": keys}
        )
    log(instance=question, action="wagtail.delete", user=by, deleted=True)
    question.delete()
    _number(questions_of(instrument.pk))


@transaction.atomic
def save_sections(instrument, sections, by):
    """Raises `Refused` where a section that goes away still has questions."""
    instrument = hold(instrument.pk)
    kept = {section["key"] for section in sections}
    left = [question.key for question in questions_of(instrument.pk) if question.section and question.section not in kept]
    if left:
        raise Refused(_("These questions stand in a section that would be gone: %(keys)s.") % {"keys": ", ".join(left)})
    instrument.sections = sections
    instrument.save(update_fields=["sections"])
    log(instance=instrument, action=SECTIONS, user=by)


def copy_values(question):
    """All that a copy of a question has in common with it."""
    fields = [field for field in question._meta.concrete_fields if not field.primary_key and not field.is_relation]
    return {field.name: getattr(question, field.name) for field in fields}


@transaction.atomic
def copy_into(question, instrument, by):
    """Copies a question of the bank to the end of another instrument under the same key; the log of the copy names its origin.

    The copy is asked always and in no section: both belong to the instrument it comes from. Raises `Refused`.
    """
    instrument = hold(instrument.pk)
    if type(question) not in kinds_for(instrument.kind):
        raise Refused(_("A question of this kind cannot stand in such an instrument."))
    if Question.objects.non_polymorphic().filter(instrument=instrument, key=question.key).exists():
        raise Refused(_("“%(key)s” is in that instrument already.") % {"key": question.key})
    copy = type(question)(instrument=instrument, **{**copy_values(question), "section": "", "show_if": {}})
    place_last(copy)
    copy.save()
    log(instance=copy, action=COPIED, user=by, data={"copied_from": question.pk, "instrument": str(question.instrument)})
    return copy
