"""The forms of instruments and of each kind of question in Wagtail's admin."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from evaluations import composing, conditions, usage
from evaluations.editing import RowsField, WordsField
from evaluations.models import Instrument
from evaluations.questions.reading import questions_of
from evaluations.words import in_language

ASPECTS = {
    "": gettext_lazy("None"),
    "ability": gettext_lazy("ability"),
    "importance": gettext_lazy("importance"),
    "confidence": gettext_lazy("confidence"),
    "satisfaction": gettext_lazy("satisfaction"),
    "competence": gettext_lazy("competence"),
    "intention": gettext_lazy("intention"),
    "performance": gettext_lazy("performance"),
    "barrier": gettext_lazy("barrier"),
}
TEXT, REASON = {"text": gettext_lazy("Text")}, {"reason": gettext_lazy("Reason")}
RIGHT = [("correct", gettext_lazy("right answer"))]


class ConditionWidget(forms.Widget):
    """A list of the earlier questions, and below it the answers of each to tick. Only those of the chosen question are read."""

    template_name = "evaluations/admin/condition.html"
    earlier = ()

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        value = value if isinstance(value, dict) else {}
        ticked = {str(one) for one in value.get("any_of") or ()}
        context["lines"] = [
            {
                "key": question.key, "text": question.text_here, "chosen": question.key == value.get("question"), "name": f"{name}-{question.key}",
                "answers": [(str(one), label, question.key == value.get("question") and str(one) in ticked) for one, label in conditions.values_of(question)],
            }
            for question in self.earlier
        ]  # fmt: skip
        return context

    def value_from_datadict(self, data, files, name):
        key = data.get(name)
        return {"question": key, "any_of": data.getlist(f"{name}-{key}")} if key else {}

    def value_omitted_from_data(self, data, files, name):
        return name not in data


class ConditionField(forms.Field):
    """`{}` or `{"question": key, "any_of": [values]}`."""

    def __init__(self, **kwargs):
        kwargs.pop("encoder", None), kwargs.pop("decoder", None)
        super().__init__(widget=ConditionWidget(), **{**kwargs, "required": False})

    def clean(self, value):
        if not value:
            return {}
        before = next((question for question in self.widget.earlier if question.key == value["question"]), None)
        if before is None:
            raise ValidationError(_("Choose a question that stands before this one."))
        known = {str(one): one for one, _label in conditions.values_of(before)}
        if not value["any_of"] or any(one not in known for one in value["any_of"]):
            raise ValidationError(_("Tick at least one answer of “%(key)s”.") % {"key": before.key})
        return {"question": before.key, "any_of": [known[one] for one in value["any_of"]]}

    def has_changed(self, initial, data):
        return (initial or {}) != (data or {})


class InstrumentForm(WagtailAdminModelForm):
    title = WordsField(rows=1)
    intro = WordsField(rows=4, required=False)

    def clean_key(self):
        """Activities name their instrument by its key."""
        key, old = self.cleaned_data["key"], self.initial.get("key")
        asked = usage.activities_with(self.instance) if old and key != old else []
        if asked:
            raise ValidationError(
                _("“%(page)s” asks this instrument by its key, so the key has to stay.") % {"page": asked[0].title}
            )
        return key

    def clean_kind(self):
        kind, fitting = self.cleaned_data["kind"], composing.kinds_for(self.cleaned_data["kind"])
        questions = questions_of(self.instance.pk) if self.instance.pk and kind != self.initial.get("kind") else []
        chained = kind in conditions.CHAINED
        strange = [question.key for question in questions if type(question) not in fitting or (question.show_if and not chained)]
        if strange:
            raise ValidationError(
                _("These questions cannot stand in such an instrument: %(keys)s.") % {"keys": ", ".join(strange)}
            )
        return kind


class QuestionForm(WagtailAdminModelForm):
    """What all kinds have. The instrument is given by the view; the order is decided on the instrument's page."""

    text = WordsField(label=gettext_lazy("Question"))
    hint = WordsField(label=gettext_lazy("Hint"), required=False)
    show_if = ConditionField(label=gettext_lazy("Asked only if"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.old_key = self.instance.key
        self.siblings = questions_of(self.instance.instrument_id)
        instrument = self.instance.instrument if self.instance.instrument_id else None
        if "show_if" in self.fields:
            chained = instrument and instrument.kind in conditions.CHAINED
            self.fields["show_if"].widget.earlier = conditions.possible(self.instance, self.siblings) if chained else []
        self._offer(
            "section",
            {"": _("None")} | {row["key"]: in_language(row["title"]) for row in instrument.sections} if instrument else {},
        )
        self._offer("aspect", ASPECTS)

    def _offer(self, name, labels):
        """A list to choose from; what stands already is in it."""
        if name in self.fields:
            standing = getattr(self.instance, name)
            choices = list(({standing: standing} | dict(labels)).items() if standing else dict(labels).items())
            label = self.fields[name].label
            self.fields[name] = forms.ChoiceField(choices=choices or [("", _("None"))], required=False, label=label)

    def clean_key(self):
        key = self.cleaned_data["key"]
        if any(other.key == key and other.pk != self.instance.pk for other in self.siblings):
            raise ValidationError(_("Another question of this instrument has the key “%(key)s”.") % {"key": key})
        return key

    def _post_clean(self):
        super()._post_clean()
        left = conditions.left_without(self.instance, self.old_key, self.siblings) if self.old_key and not self.errors else []
        if left:
            keys = ", ".join(question.key for question in left)
            self.add_error(
                None, _("These questions are asked only after an answer that would be gone: %(keys)s.") % {"keys": keys}
            )


class ChoicesForm(QuestionForm):
    """`one_right`: at most one choice is right; in a quiz or check there is at least one."""

    one_right = False
    choices = RowsField("key", TEXT | REASON, RIGHT, most=12)

    def clean_choices(self):
        choices = self.cleaned_data["choices"]
        right = sum(bool(choice.get("correct")) for choice in choices)
        keyed = self.instance.instrument_id and self.instance.instrument.kind in (Instrument.Kind.QUIZ, Instrument.Kind.CHECK)
        if self.one_right and right > 1:
            raise ValidationError(_("Only one choice can be right. For several, use multiple choice."))
        if keyed and not right:
            raise ValidationError(_("Tick which choice is right."))
        return choices


class OneChoiceForm(ChoicesForm):
    one_right = True


class VignetteForm(OneChoiceForm):
    story = WordsField(rows=6, label=gettext_lazy("Case"))


class OrderingForm(QuestionForm):
    items = RowsField(
        "key", TEXT | REASON, least=3, most=10, label=gettext_lazy("Steps in the right order"),
        help_text=gettext_lazy("People see them in another order."),
    )  # fmt: skip


class MatchingForm(QuestionForm):
    pairs = RowsField(
        "key", {"left": gettext_lazy("Left side"), "right": gettext_lazy("Right side")} | REASON, needed=("left", "right"),
        least=3, most=10, label=gettext_lazy("Pairs"),
    )  # fmt: skip
    distractors = RowsField("key", TEXT, least=0, most=5, label=gettext_lazy("Right sides without a pair"))

    def clean(self):
        cleaned = super().clean()
        pairs, extras = cleaned.get("pairs") or [], cleaned.get("distractors") or []
        keys = {pair["key"] for pair in pairs} & {extra["key"] for extra in extras}
        if keys:
            self.add_error(
                "distractors", _("“%(key)s” is the key of a pair. Give it its own.") % {"key": ", ".join(sorted(keys))}
            )
        sides = [pair["right"] for pair in pairs] + [extra["text"] for extra in extras]
        if any(side in sides[:place] for place, side in enumerate(sides)):
            self.add_error(None, _("Two right sides have the same words: one of two equal answers would be marked wrong."))
        return cleaned


class ScaleForm(QuestionForm):
    scale = RowsField("value", TEXT, cast=int, most=11)

    def clean_scale(self):
        return sorted(self.cleaned_data["scale"], key=lambda point: point["value"])


class CommitmentForm(QuestionForm):
    choices = RowsField(
        "key", TEXT, least=0, label=gettext_lazy("Changes to choose from"),
        help_text=gettext_lazy("Without any, people write in their own words."),
    )  # fmt: skip


class NumberForm(QuestionForm):
    unit = WordsField(rows=1, required=False)

    def clean(self):
        cleaned = super().clean()
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("The largest is smaller than the smallest."))
        return cleaned
