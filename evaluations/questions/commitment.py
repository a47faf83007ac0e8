import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evaluations.questions.confidence import POINTS
from evaluations.questions.likert import point_of
from evaluations.questions.parts import InParts, Part, is_blank
from evaluations.questions.text import plain_text
from evaluations.words import in_language

LONGEST_TEXT, LONGEST_YEARS = 500, 3
FIELDS = ("choice", "text", "confidence", "due")
LAST_ZONE = datetime.timezone(datetime.timedelta(hours=-12))


def due_between():
    """The first and the last date to choose. A question does not know whose answer it reads, so tomorrow begins where the last zone
    of the world begins it: nobody's own tomorrow is refused."""
    today = timezone.now().astimezone(LAST_ZONE).date()
    return today + datetime.timedelta(days=1), today + datetime.timedelta(days=LONGEST_YEARS * 365)


class CommitmentQuestion(InParts):
    """What a person sets out to change. `choices` is `[{"key", "text"}]` or empty (own words only); at most `most` commitments.

    The value is `[{"choice": key or "", "text": own words or "", "confidence": 1 to 5, "due": "YYYY-MM-DD"}]`.
    """

    kind = "commitment"

    choices = models.JSONField(_("changes to choose from"), default=list, blank=True)
    most = models.PositiveSmallIntegerField(_("at most"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        verbose_name = _("commitment to change")
        verbose_name_plural = _("commitments to change")

    def labels(self):
        return [(choice["key"], in_language(choice["text"])) for choice in self.choices]

    def parts(self):
        return [part for number in range(1, self.most + 1) for part in self._block(number)]

    def _block(self, number):
        group = _("Change %(number)d") % {"number": number}
        first, last = (day.isoformat() for day in due_between())
        what = {"data-either": f"what-{number}"}  # for the outbox: one of the two is enough
        choose = forms.Select(choices=[("", _("Choose")), *self.labels()], attrs=what)
        write = forms.Textarea(attrs={**what, "rows": 2, "maxlength": LONGEST_TEXT})
        sure = forms.Select(choices=[("", _("Choose")), *((value, f"{value}. {words}") for value, words in POINTS.items())])
        due = forms.TextInput(attrs={"type": "date", "min": first, "max": last, "class": "middle"})
        if self.choices:
            yield Part(f"choice-{number}", _("What will you change?"), choose, group)
        yield Part(f"text-{number}", _("Or in your own words") if self.choices else _("What will you change?"), write, group)
        yield Part(f"confidence-{number}", _("How confident are you that you will do it?"), sure, group)
        yield Part(f"due-{number}", _("By when?"), due, group)

    def taken_apart(self, value):
        if not isinstance(value, list):
            return value if isinstance(value, dict) else {}
        rows = enumerate((row for row in value if isinstance(row, dict)), start=1)
        return {f"{name}-{number}": str(row.get(name, "")) for number, row in rows for name in FIELDS}

    def clean_answer(self, raw):
        rows = [] if is_blank(raw) else self._rows(raw)
        if not rows and self.required:
            raise ValidationError(_("Write at least one thing that you will change."), code="required")
        if len(rows) > self.most:
            raise ValidationError(_("Write at most %(most)d changes.") % {"most": self.most}, code="too_many")
        cleaned, wrong = [], []
        for number, row in rows:
            try:
                cleaned.append(self._clean_row(row))
            except ValidationError as error:
                told = {"number": number, "message": error.message}
                wrong.append(ValidationError(_("Change %(number)d: %(message)s") % told, code=error.code))
        if wrong:
            raise ValidationError(wrong)
        return cleaned

    def _rows(self, raw):
        """`[(number, row)]` of a list of rows or of what a form posted, without the empty ones."""
        if isinstance(raw, dict):
            names = {f"{name}-{number}": (number, name) for number in range(1, self.most + 1) for name in FIELDS}
            if set(raw) - set(names):
                raise ValidationError(_("The answer could not be read. Fill in the form again."), code="malformed")
            posted = [{} for _number in range(self.most)]
            for name, value in raw.items():
                number, field = names[name]
                posted[number - 1][field] = value
            raw = posted
        if not isinstance(raw, list) or any(not isinstance(row, dict) or set(row) - set(FIELDS) for row in raw):
            raise ValidationError(_("The answer could not be read. Fill in the form again."), code="malformed")
        return [(number, row) for number, row in enumerate(raw, start=1) if not is_blank(row)]

    def _clean_row(self, row):
        choice, text = row.get("choice") or "", plain_text(row.get("text") or "", LONGEST_TEXT, far_beyond=8 * LONGEST_TEXT)
        if not isinstance(choice, str) or (choice and choice not in dict(self.labels())):
            raise ValidationError(_("choose among the changes shown."), code="invalid_choice")
        if not choice and not text:
            raise ValidationError(_("say what you will change."), code="incomplete")
        confidence = point_of(row.get("confidence"), [{"value": value} for value in POINTS])
        if confidence is None:
            raise ValidationError(_("choose how confident you are."), code="incomplete")
        return {"choice": choice, "text": text, "confidence": confidence, "due": _clean_due(row.get("due"))}

    def summarise(self, values):
        """How many people (`n`) made how many commitments, and how often each change of the list was chosen."""
        rows = [row for value in values for row in value or []]
        counts = {key: sum(row["choice"] == key for row in rows) for key, _label in self.labels()}
        return {"n": sum(bool(value) for value in values), "commitments": len(rows), "counts": counts}

    def answer_text(self, value):
        return "\n".join(self._row_text(row) for row in value or [])

    def _row_text(self, row):
        what = ". ".join(filter(None, [dict(self.labels()).get(row["choice"], row["choice"]).rstrip("."), row["text"]]))
        told = {"date": _in_words(parse_date(row["due"])), "confidence": POINTS[row["confidence"]].lower()}
        return f"{what} ({_('by %(date)s, %(confidence)s') % told})"


def _in_words(day):
    """1 December 2027; months are lower-case outside English."""
    return formats.date_format(day, "j F Y") if get_language() == "en" else formats.date_format(day).lower()


def _clean_due(raw):
    try:
        due = parse_date(raw) if isinstance(raw, str) and len(raw) == 10 else None
    except ValueError:
        due = None
    if due is None:
        raise ValidationError(_("choose a date."), code="incomplete")
    first, last = due_between()
    if not first <= due <= last:
        told = {"first": _in_words(first), "last": _in_words(last)}
        raise ValidationError(_("choose a date between %(first)s and %(last)s.") % told, code="out_of_range")
    return due.isoformat()
