"""The form of a poll. What may be asked, and how it is worded, is decided by sessions/polling_questions.py."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.words import in_language
from sessions.models import Poll, Segment
from sessions.polling_kinds import LABELS
from sessions.polling_questions import LONGEST_TEXT, wave_questions


class PollForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=LABELS, widget=forms.RadioSelect, initial="single-choice",
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of the kinds of poll.")),
    )  # fmt: skip
    text = forms.CharField(label=_("Question"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 3}),
                           error_messages={"required": _("Write the question.")})  # fmt: skip
    choices = forms.CharField(
        label=_("Choices"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One per line. For confidence and short words leave it empty; steps stand in their right order."),
    )  # fmt: skip
    promise = forms.ChoiceField(
        label=_("Who sees the votes"), choices=Poll.Promise.choices, widget=forms.RadioSelect, initial=Poll.Promise.ANONYMOUS,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Say who sees the votes.")),
    )  # fmt: skip
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("none"),
        error_messages={"invalid_choice": _("Choose a segment of this meeting.")},
    )  # fmt: skip
    wave = forms.ChoiceField(
        label=_("Or put a question of a questionnaire"), required=False,
        help_text=_("Answers count there, with names, and people are told so before they vote. The fields above are not used then."),
        error_messages={"invalid_choice": _("Choose a questionnaire of this cohort that is still open.")},
    )  # fmt: skip

    def __init__(self, data=None, *, meeting, poll=None):
        super().__init__(data, initial=_initial(poll) if poll else None)
        self.fields["segment"].queryset = meeting.segments.all()
        self.fields["segment"].label_from_instance = lambda segment: segment.title
        self.offered = {
            f"{wave.pk}:{question.pk}": (wave, question) for wave, questions in wave_questions(meeting) for question in questions
        }
        self._offer_waves()

    def _offer_waves(self):
        if not self.offered:
            del self.fields["wave"]
            self.fields["text"].required = True
            return
        groups = {}
        for value, (wave, question) in self.offered.items():
            groups.setdefault(str(wave), []).append((value, question.text_here))
        self.fields["wave"].choices = [("", _("no: the question above")), *groups.items()]

    def asked(self):
        """What prepare_poll and edit_poll take."""
        said = self.cleaned_data
        wave, question = self.offered.get(said.get("wave", ""), (None, None))
        asked = {"promise": said["promise"], "segment": said["segment"]}
        if wave:
            return asked | {"wave": wave, "wave_question": question}
        choices = [line.strip() for line in said["choices"].splitlines() if line.strip()]
        return asked | {"kind": said["kind"], "text": said["text"], "choices": choices}

    def say(self, error):
        """Puts a `ValidationError` by field beside its field; what has none here stands at the top."""
        for field, texts in getattr(error, "message_dict", {None: error.messages}).items():
            self.add_error(field if field in self.fields else None, texts)


def _initial(poll):
    question, language = poll.question, poll.meeting.language
    rows = getattr(question, "items", None) or getattr(question, "choices", None) or []
    return {
        "kind": question.kind, "text": in_language(question.text, language), "promise": poll.promise, "segment": poll.segment_id,
        "choices": "\n".join(in_language(row["text"], language) for row in rows),
        "wave": f"{poll.wave_id}:{poll.question_id}" if poll.wave_id else "",
    }  # fmt: skip
