"""The questions of an instrument in their order: place, move, remove, copy in; its sections. Only until somebody has answered."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from evaluations import conditions, usage
from evaluations.models import Instrument, Question
from evaluations.questions import reading
from evaluations.questions.reading import questions_of

SECTIONS, MOVED = "evaluations.sections", "evaluations.move_question"
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
def add(question, save=None):
    """Saves a new question (with `save`, if given) in the place after all others of its instrument. Raises `Refused`."""
    hold(question.instrument_id)
    others = Question.objects.non_polymorphic().filter(instrument_id=question.instrument_id)
    question.order = max(others.values_list("order", flat=True), default=0) + 1
    try:
        with transaction.atomic():
            return (save or question.save)()
    except IntegrityError:
        raise Refused(_("“%(key)s” is in that instrument already.") % {"key": question.key}) from None


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
    """Deletes a question. Raises `Refused` where others hang on it or a lesson puts it."""
    instrument = hold(question.instrument_id)
    require_removable(question)
    log(instance=question, action="wagtail.delete", user=by, deleted=True)
    question.delete()
    _number(questions_of(instrument.pk))


def require_removable(question):
    hanging = conditions.hanging_on(question.key, questions_of(question.instrument_id))
    if hanging:
        told = {"key": question.key, "keys": ", ".join(other.key for other in hanging)}
        raise Refused(_("Other questions are asked only after an answer to “%(key)s”: %(keys)s. Change those first.") % told)
    if lessons := usage.lessons_with(question):
        told = {"page": lessons[0].title, "key": question.key}
        raise Refused(_("The lesson “%(page)s” puts the question “%(key)s”. Take it out there first.") % told)


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
    add(copy)
    log(instance=copy, action=usage.COPIED, user=by, data={"copied_from": question.pk, "instrument": str(question.instrument)})
    return copy
