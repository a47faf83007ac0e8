from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.parts import InParts, Part, disguise, is_blank
from evaluations.words import in_language


class MatchingQuestion(InParts):
    """`pairs` is `[{"key", "left", "right", "reason"?}]`, `distractors` `[{"key", "text"}]`; the value maps a pair's key to the key
    of the right side that was chosen for it.

    Both sides of a pair share its key, so a form uses other names: they would give the answer away.
    """

    kind = "matching"

    pairs = models.JSONField(_("pairs"), default=list)
    distractors = models.JSONField(_("right sides without a pair"), default=list, blank=True)

    class Meta:
        verbose_name = _("matching")
        verbose_name_plural = _("matching")

    @property
    def max_score(self):
        return 1.0 if self.pairs else None

    def lefts(self):
        """`{name in the form: key of the pair}`."""
        return {disguise(self, "left", pair["key"]): pair["key"] for pair in self.pairs}

    def rights(self):
        """`{name in the form: key}` of all right sides, in an order that is always the same and tells nothing."""
        keys = [*(pair["key"] for pair in self.pairs), *(extra["key"] for extra in self.distractors)]
        names = {disguise(self, "right", key): key for key in keys}
        shown = sorted(names)
        if [names[name] for name in shown] == keys:
            shown = shown[1:] + shown[:1]
        return {name: names[name] for name in shown}

    def right_labels(self):
        """`{key: wording}`."""
        pairs = {pair["key"]: in_language(pair["right"]) for pair in self.pairs}
        return pairs | {extra["key"]: in_language(extra["text"]) for extra in self.distractors}

    def parts(self):
        labels, wording = self.right_labels(), {pair["key"]: in_language(pair["left"]) for pair in self.pairs}
        choices = [("", _("Choose")), *((name, labels[key]) for name, key in self.rights().items())]
        return [Part(name, wording[key], forms.Select(choices=choices)) for name, key in self.lefts().items()]

    def taken_apart(self, value):
        if not isinstance(value, dict):
            return {}
        lefts, rights = ({key: name for name, key in side.items()} for side in (self.lefts(), self.rights()))
        return {
            lefts.get(left, left): rights.get(right, right) if isinstance(right, str) else "" for left, right in value.items()
        }

    def clean_answer(self, raw):
        if is_blank(raw):
            if self.required:
                raise ValidationError(_("Choose a match for each one."), code="required")
            return None
        lefts, rights = self._both_names(self.lefts()), self._both_names(self.rights())
        if not isinstance(raw, dict) or any(left not in lefts for left in raw) or not all(map(_is_text, raw.values())):
            raise ValidationError(_("Choose among the answers shown."), code="invalid_choice")
        chosen = {lefts[left]: right for left, right in raw.items() if right}
        if len(chosen) < len(self.pairs):
            raise ValidationError(_("Choose a match for each one."), code="incomplete")
        if any(right not in rights for right in chosen.values()):
            raise ValidationError(_("Choose among the answers shown."), code="invalid_choice")
        return {pair["key"]: rights[chosen[pair["key"]]] for pair in self.pairs}

    def _both_names(self, side):
        return side | {key: key for key in side.values()}

    def score(self, value):
        """The share of pairs that were matched."""
        if self.max_score is None:
            return None
        value = value or {}
        return sum(value.get(pair["key"]) == pair["key"] for pair in self.pairs) / len(self.pairs)

    def summarise(self, values):
        """How often each pair was matched."""
        given = [value for value in values if value]
        return {"n": len(given), "right": {p["key"]: sum(v.get(p["key"]) == p["key"] for v in given) for p in self.pairs}}

    def answer_text(self, value):
        labels, value = self.right_labels(), value or {}
        chosen = [(in_language(pair["left"]), value.get(pair["key"])) for pair in self.pairs]
        return "\n".join(f"{left} → {labels.get(right, right)}" for left, right in chosen if right)

    def feedback(self, value):
        return [self._feedback(pair, (value or {}).get(pair["key"])) for pair in self.pairs]

    def _feedback(self, pair, given):
        wrong = given not in (None, pair["key"])
        return {
            "text": f"{in_language(pair['left'])} → {in_language(pair['right'])}",
            "chosen": given is not None,
            "correct": not wrong,
            "reason": in_language(pair.get("reason")),
            "yours": _("You chose: %(answer)s") % {"answer": self.right_labels().get(given, given)} if wrong else "",
        }


def _is_text(value):
    return value is None or isinstance(value, str)
