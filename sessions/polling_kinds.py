"""The kinds of question that a poll may put, and what of one a room may see: never a key, a reason, or an order that tells."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import (
    ChoiceQuestion,
    ConfidenceQuestion,
    MultipleChoiceQuestion,
    OrderingQuestion,
    Question,
    ShortTextQuestion,
)
from evaluations.questions.confidence import in_every_language

KINDS = {
    kind.kind: kind for kind in (ChoiceQuestion, MultipleChoiceQuestion, ConfidenceQuestion, ShortTextQuestion, OrderingQuestion)
}
LABELS = (
    ("single-choice", gettext_lazy("one answer")),
    ("multiple-choice", gettext_lazy("several answers")),
    ("confidence", gettext_lazy("confidence, 1 to 5")),
    ("short-text", gettext_lazy("short words")),
    ("ordering", gettext_lazy("put in order")),
)


def questions_by_id(ids):
    """`{id: question as its own kind}` in one query; of other kinds than those of polls there is none."""
    types = {ContentType.objects.get_for_model(kind).pk: kind._meta.model_name for kind in KINDS.values()}
    found = Question.objects.non_polymorphic().filter(pk__in=ids, polymorphic_ctype_id__in=types)
    rows = found.select_related(*types.values())
    return {question.pk: getattr(question, types[question.polymorphic_ctype_id]) for question in rows}


def question_of(poll):
    """One query."""
    return questions_by_id([poll.question_id])[poll.question_id]


def options_of(question):
    """`(name in the document, [{"key" or "value", "text"}])` as shown; ("", []) for text. Steps go under names that do not tell an order."""
    if question.kind == "ordering":
        texts = {item["key"]: item["text"] for item in question.items}
        return "items", [{"key": name, "text": texts[key]} for name, key in question.names().items()]
    if hasattr(question, "choices"):
        return "choices", [{"key": choice["key"], "text": choice["text"]} for choice in question.choices]
    if hasattr(question, "scale"):
        apart = [{"value": question.apart, "text": in_every_language(question.apart_label)}] if question.apart else []
        return "scale", [{"value": point["value"], "text": point["text"]} for point in question.scale] + apart
    return "", []


def document(question):
    """What everybody in the room gets: `{kind, text, hint}` with `choices`, `items`, `scale`, or `longest` (characters); never a key,
    a reason, what is right."""
    name, options = options_of(question)
    asked = {name: options} if name else {"longest": question.length_limit}
    return {"kind": question.kind, "text": question.text, "hint": question.hint or {}, **asked}


def clean_vote(question, raw):
    """The value as it is stored. Raises `ValidationError`. Steps come as a list of their names, or as `{name: place}` from a form."""
    if question.kind == "ordering":
        if isinstance(raw, list):
            raw = {name: place for place, name in enumerate(raw, start=1) if isinstance(name, str)}
        elif not isinstance(raw, dict):
            raise ValidationError(_("Give each step a place."))
    value = question.clean_answer(raw)
    if value in (None, "", []):
        raise ValidationError(_("Choose or write an answer first."))
    return value


def as_sent(question, value):
    """A stored value in the words of the document, so that a person sees what they chose."""
    if question.kind != "ordering":
        return value
    names = {key: name for name, key in question.names().items()}
    return [names[key] for key in value]


def told(poll, question):
    """The poll as its events tell it, without the instant. `wave` is the title of the questionnaire in which votes count."""
    document_ = {
        "id": poll.pk, "state": poll.state, "promise": poll.promise, "round": poll.round, "question": document(question),
    }  # fmt: skip
    return {**document_, "wave": poll.wave.instrument.title} if poll.wave_id else document_


def told_to_hosts(poll, question):
    """A prepared poll; `segment` is the id of its item in the run of show, or `None`."""
    return {**told(poll, question), "segment": poll.segment_id, "order": poll.order}
