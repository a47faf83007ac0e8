"""Instruments from files to rows. An unanswered one is updated in place; an answered one stays and gets a new version."""

from django.utils import timezone

from content.plan import digest
from evaluations.models import Instrument, Question, Response
from evaluations.questions import reading

KINDS = {model.kind: model for model in reading.KINDS}
COMMON = ("key", "text", "hint", "required", "construct", "aspect", "moore", "section", "show_if")
# Fields that came later: a meaning holds them only where they say something, so that what was loaded before still compares equal.
LATER = {"section": "", "show_if": {}, "sections": []}
OWN = {
    "single-choice": ("choices",),
    "multiple-choice": ("choices",),
    "partial-choice": ("choices",),
    "vignette": ("story", "choices"),
    "ordering": ("items",),
    "matching": ("pairs", "distractors"),
    "likert": ("scale", "allow_not_applicable"),
    "confidence": ("allow_not_applicable",),
    "retrospective": ("scale",),
    "rubric": ("scale", "allow_not_observed"),
    "commitment": ("choices", "most"),
    "number": ("unit", "minimum", "maximum", "whole"),
    "short-text": ("max_length",),
    "long-text": ("max_length",),
}


def load_instruments(library, shipped, report):
    """Writes what changed. Returns the row id of each “check yourself” question."""
    for key, meaning in library.instruments.items():
        _load(key, meaning, shipped, report)
    _archive_vanished(library, shipped, report)
    return question_ids(key for key, meaning in library.instruments.items() if meaning.kind == "check")


def question_ids(instrument_keys):
    """`{question key: id}` of the newest version of each instrument."""
    newest = {}
    for pk, key in Instrument.objects.filter(key__in=list(instrument_keys)).order_by("version").values_list("pk", "key"):
        newest[key] = pk
    rows = Question.objects.non_polymorphic().filter(instrument__in=newest.values())
    return dict(rows.values_list("key", "pk"))


def _load(key, meaning, shipped, report):
    item, wanted = f"instrument/{key}", meaning_of_file(meaning)
    record, row = shipped.get(item), Instrument.objects.filter(key=key).first()
    if record and record.digest == digest(wanted) and row:
        report.unchanged += 1
    elif row is None:
        _write(Instrument(key=key, version=meaning.version), wanted, item, shipped)
        report.created.append(item)
    elif record is None or record.object_id != str(row.pk) or record.digest not in ("", digest(meaning_of_row(row))):
        report.skipped.append(f"{item}: changed in the editor")
    elif is_answered(row):
        version = max(row.version + 1, meaning.version)
        _write(Instrument(key=key, version=version), wanted, item, shipped)
        report.updated.append(f"{item}: version {version}, because version {row.version} has answers")
    else:
        _write(row, wanted, item, shipped)
        report.updated.append(item)


def is_answered(instrument):
    return bool(instrument.locked_at) or Response.objects.filter(instrument=instrument).exists()


def _archive_vanished(library, shipped, report):
    for item in shipped.items("instrument/"):
        key = item.split("/", 1)[1]
        if key not in library.instruments and shipped.get(item).digest:
            Instrument.objects.filter(key=key, archived_at__isnull=True).update(archived_at=timezone.now())
            shipped.retire(item)
            report.retired.append(item)


# --- meaning: what is compared -------------------------------------------------------------------------------------
def meaning_of_file(meaning):
    """The file as plain values, named like the fields of the rows."""
    scales = {name: [_plain(point) for point in points] for name, points in meaning.scales.items()}
    questions = []
    for question in meaning.questions:
        values = _plain(question)
        if "scale" in values:
            values["scale"] = scales[question.scale]
        questions.append(_meaning(question.kind, {name: _bare(name, values.get(name)) for name in _names(question.kind)}))
    title, intro = _plain(meaning.title), _bare("intro", _plain(meaning.intro))
    sections = [_plain(section) for section in meaning.sections]
    return _meaning(meaning.kind, {"title": title, "intro": intro, "sections": sections, "questions": questions})


def meaning_of_row(instrument):
    questions = [
        _meaning(question.kind, {name: getattr(question, name) for name in _names(question.kind)})
        for question in instrument.questions.all()
    ]
    own = {name: getattr(instrument, name) for name in ("title", "intro", "sections")}
    return _meaning(instrument.kind, {**own, "questions": questions})


def _names(kind):
    return (*COMMON, *OWN[kind])


def _meaning(kind, values):
    return {"kind": kind, **{name: value for name, value in values.items() if value or name not in LATER}}


def _plain(part):
    """Without what the file does not say, so that the file and the row compare equal."""
    return part.model_dump(by_alias=True, exclude_none=True, exclude_defaults=False) if part else None


def _bare(name, value):
    if name == "choices":
        return [{k: v for k, v in choice.items() if v is not False} for choice in value]
    if name in ("hint", "unit", "intro"):
        return value or {}
    return value


# --- rows ----------------------------------------------------------------------------------------------------------
def _write(instrument, wanted, item, shipped):
    instrument.kind, instrument.title, instrument.intro = wanted["kind"], wanted["title"], wanted["intro"]
    instrument.sections = wanted.get("sections", [])
    instrument.archived_at = None
    instrument.save()
    old = {question.key: question for question in instrument.questions.all()}
    for order, values in enumerate(wanted["questions"], start=1):
        fields = {name: values.get(name, LATER.get(name)) for name in _names(values["kind"])}
        question = old.pop(values["key"], None)
        if question and question.kind != values["kind"]:
            question.delete()
            question = None
        question = question or KINDS[values["kind"]](instrument=instrument)
        for name, value in {**fields, "order": order}.items():
            setattr(question, name, value)
        question.full_clean(exclude=["instrument"])
        question.save()
    for question in old.values():
        question.delete()
    shipped.note(item, "", digest(wanted), instrument.pk)
