from itertools import combinations

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.likert import point_of
from evaluations.questions.parts import InParts, Part, disguise, is_blank
from evaluations.words import in_language


class OrderingQuestion(InParts):
    """`items` is `[{"key", "text", "reason"?}]` in the right order; the value is a list of keys.

    A form asks for the place of each item, under names that do not tell the order.
    """

    kind = "ordering"

    items = models.JSONField(_("steps in the right order"), default=list)

    class Meta:
        verbose_name = _("ordering")
        verbose_name_plural = _("ordering")

    @property
    def max_score(self):
        return 1.0 if len(self.items) > 1 else None

    def right_order(self):
        return [item["key"] for item in self.items]

    def names(self):
        """`{name in the form: key}` in the order of the form: always the same, and never the right one."""
        names = {disguise(self, "item", key): key for key in self.right_order()}
        shown = sorted(names)
        if [names[name] for name in shown] == self.right_order():
            shown = shown[1:] + shown[:1]
        return {name: names[name] for name in shown}

    def parts(self):
        labels = {item["key"]: in_language(item["text"]) for item in self.items}
        places = [("", "–"), *((str(place), str(place)) for place in range(1, len(self.items) + 1))]
        return [Part(name, labels[key], forms.Select(choices=places), beside=True) for name, key in self.names().items()]

    def taken_apart(self, value):
        if isinstance(value, list):
            return {name: str(value.index(key) + 1) for name, key in self.names().items() if key in value}
        return value if isinstance(value, dict) else {}

    def clean_answer(self, raw):
        if is_blank(raw):
            if self.required:
                raise ValidationError(_("Give each step a place."), code="required")
            return None
        keys = self._in_places(raw) if isinstance(raw, dict) else raw
        if (
            not isinstance(keys, list)
            or any(not isinstance(key, str) for key in keys)
            or sorted(keys) != sorted(self.right_order())
        ):
            raise ValidationError(_("Put each step in its place, from the first to the last."), code="invalid_choice")
        return keys

    def _in_places(self, posted):
        """The keys in the places that a form gave them."""
        names, every = self.names(), [{"value": place} for place in range(1, len(self.items) + 1)]
        places = {names[name]: point_of(place, every) for name, place in posted.items() if name in names}
        if len(places) < len(names) or None in places.values():
            raise ValidationError(_("Give each step a place."), code="incomplete")
        if len(set(places.values())) < len(places):
            raise ValidationError(_("Two steps have the same place. Give each step a place of its own."), code="same_place")
        return sorted(places, key=places.get) if len(posted) == len(names) else None

    def score(self, value):
        """The share of pairs of steps that stand in the right order."""
        if self.max_score is None:
            return None
        places = {key: place for place, key in enumerate(value or [])}
        pairs = list(combinations(self.right_order(), 2))
        return sum(a in places and b in places and places[a] < places[b] for a, b in pairs) / len(pairs)

    def summarise(self, values):
        """How often each step was put in each place."""
        given = [value for value in values if value]
        places = range(len(self.items))
        return {
            "n": len(given),
            "right": sum(value == self.right_order() for value in given),
            "places": {key: [sum(value[p : p + 1] == [key] for value in given) for p in places] for key in self.right_order()},
        }

    def answer_text(self, value):
        labels = {item["key"]: in_language(item["text"]) for item in self.items}
        return "\n".join(f"{place}. {labels.get(key, key)}" for place, key in enumerate(value or [], start=1))

    def feedback(self, value):
        places = {key: place for place, key in enumerate(value or [], start=1)}
        return [self._feedback(item, place, places.get(item["key"])) for place, item in enumerate(self.items, start=1)]

    def _feedback(self, item, right, given):
        wrong = given not in (None, right)
        return {
            "text": f"{right}. {in_language(item['text'])}",
            "chosen": given is not None,
            "correct": not wrong,
            "reason": in_language(item.get("reason")),
            "yours": _("You put it in place %(place)d.") % {"place": given} if wrong else "",
        }
