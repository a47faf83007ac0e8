"""The form that plans a whole series, the one that moves it, and the one that calls it off."""

import re
import uuid
from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_countries import countries

from curriculum.forms import DateInput, zones
from sessions import conference, rhythm, series, wall_clock
from sessions.forms import MINUTES
from sessions.forms_desk import CancelForm
from sessions.forms_fields import FoldedAway, https_field, number_field, secure
from sessions.models import Meeting
from sessions.schedule import FARTHEST
from sessions.series import Closing, Plan

TUESDAY, FRIDAY = 1, 4
USUAL, HOUR = 6, time(18)
MOST_LINES = 200
ISO_DAY = _("Write the day as 2027-03-05.")
PLACEHOLDERS = ("{n}", "{title}", "{titulo}", "{título}")


def day_field(**options):
    return forms.DateField(widget=DateInput(), error_messages={"required": _("Write the day."), "invalid": ISO_DAY}, **options)


def hour_field(**options):
    errors = {"required": _("Write the hour."), "invalid": _("Write the hour as 15:00.")}
    widget = forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M")
    return forms.TimeField(widget=widget, input_formats=["%H:%M", "%H:%M:%S"], error_messages=errors, **options)


def near(day):
    """The day, if it lies within what the calendar of a programme can hold. Raises `ValidationError`."""
    today = timezone.localdate()
    if day and day > today + FARTHEST:
        raise ValidationError(_("That is more than five years away. Choose an earlier day."))
    if day and day < today - timedelta(days=1):
        raise ValidationError(_("This day is past. Choose a later one."))
    return day


class LinesField(forms.CharField):
    """One thing per line (commas do as well); a list. `read` turns a line into its value or raises `ValueError`."""

    def __init__(self, *, read, wrong, **options):
        self.read, self.wrong = read, wrong
        super().__init__(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), **options)

    def clean(self, value):
        lines = [line for line in re.split(r"[\s,;]+", super().clean(value)) if line]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("Write at most %(count)s lines.") % {"count": MOST_LINES})
        return [self._one(line) for line in dict.fromkeys(lines)]

    def _one(self, line):
        try:
            return self.read(line)
        except (ValueError, ValidationError) as error:
            raise ValidationError(self.wrong, params={"line": line[:60]}) from error


def _day(line):
    return datetime.strptime(line, "%Y-%m-%d").date()


def _address(line):
    validate_email(line)
    return line


class SeriesForm(FoldedAway, forms.Form):
    """`cohort` is planned for; `sources` are the sessions of an earlier cohort and `closing_source` its closing day, or nothing."""

    seldom = ("guests", "language", "place", "engine", "conference_url")
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), _("This form is incomplete. Open it again.")),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    pattern = forms.CharField(
        label=_("Titles"), max_length=160, required=False,
        help_text=_("{n} stands for the number, {title} for the title in the programme."),
        error_messages={"max_length": _("Shorten the title to 160 characters.")},
    )  # fmt: skip
    count = number_field(1, series.MOST, _("Write a number from 1 to 52."), label=_("How many meetings"))
    first_day = day_field(label=_("First day"))
    hour = hour_field(label=_("Begins at"), initial=HOUR)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Day and hour are written in this zone."),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a time zone from the list.")),
    )  # fmt: skip
    rhythm = forms.ChoiceField(label=_("Rhythm"), widget=forms.RadioSelect)
    every = number_field(1, 90, _("Write a number from 1 to 90."), label=_("Every"), initial=1)
    unit = forms.ChoiceField(label=_("Weeks or days"), choices=[("7", _("weeks")), ("1", _("days"))], initial="7")
    minutes = number_field(5, 720, MINUTES, label=_("Minutes"), initial=90)
    skip = LinesField(
        label=_("Days to leave out"), read=_day, wrong=_("“%(line)s” is not a day. Write days as 2027-03-05, one per line."),
        help_text=_("One per line, as 2027-03-05. The meetings after it move on by one step."),
    )  # fmt: skip
    holidays_of = forms.MultipleChoiceField(
        label=_("Leave out the national holidays of"), required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose countries from the list.")},
    )  # fmt: skip
    linked = forms.BooleanField(
        label=_("Each is the next live session of the programme that has no meeting yet"), required=False, initial=True
    )
    guests = LinesField(
        label=_("Guests"), read=_address, wrong=_("“%(line)s” is not an e-mail address."),
        help_text=_("Their e-mail addresses, one per line. Guests need an account here."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Working language"), choices=Meeting._meta.get_field("language").choices)
    mode = forms.ChoiceField(label=_("How people meet"), choices=Meeting.Mode.choices, widget=forms.RadioSelect, initial="live")
    place = forms.CharField(label=_("Place"), max_length=300, required=False, help_text=_("If people meet in person."))
    engine = forms.ChoiceField(label=_("Sound and picture"), initial="mesh")
    conference_url = https_field(label=_("Address of the video meeting"), help_text=_("The same for all, if it is elsewhere."))
    use_template = forms.BooleanField(
        label=_("Begin each run of show with the five segments of a case-based session"), required=False, initial=True
    )
    closing = forms.BooleanField(label=_("An in-person closing day at the end"), required=False)
    closing_title = forms.CharField(label=_("Title of the closing day"), max_length=160, required=False)
    closing_day = day_field(
        label=_("Closing day"), required=False, help_text=_("Empty means the first free Friday after the last meeting.")
    )
    closing_hour = hour_field(label=_("Closing day begins at"), required=False, initial=time(9))
    closing_minutes = number_field(5, 720, MINUTES, label=_("Minutes of the closing day"), required=False, initial=480)
    closing_place = forms.CharField(label=_("Place of the closing day"), max_length=300, required=False)
    closing_url = https_field(label=_("Map of the closing day"), help_text=_("An address on a map service."))
    state = forms.ChoiceField(
        label=_("Who sees them"), widget=forms.RadioSelect, initial=Meeting.State.DRAFT,
        choices=[(Meeting.State.DRAFT, _("Drafts: only those who run them")), (Meeting.State.SCHEDULED, _("Announce them now: people get calendar entries"))],
    )  # fmt: skip

    def __init__(self, data=None, *, cohort, by, sources=(), closing_source=None, offered=()):
        self.by, self.cohort, self.sources, self.closing_source = by, cohort, tuple(sources), closing_source
        super().__init__(data, initial=self._initial())
        self.fields["engine"].choices = conference.choices()
        self.fields["holidays_of"].choices = sorted(((code, countries.name(code)) for code in offered), key=lambda pair: pair[1])
        own = [("copied", _("As it was in the earlier cohort"))] if sources else []
        self.fields["rhythm"].choices = [*own, ("every", _("Always the same step"))]
        if sources:
            self.fields["minutes"].required = False
            self.fields["minutes"].help_text = _("Empty means as long as they were.")
            self.fields["pattern"].help_text = _(
                "Empty means the titles of the earlier cohort. {n} stands for the number, {title} for the programme's title."
            )

    def _initial(self):
        cohort, first = self.cohort, self.sources[0] if self.sources else None
        free = len(series.unplanned(cohort))
        today = max(timezone.localdate(), cohort.starts_on - timedelta(days=1))
        usual = {
            "key": uuid.uuid4(), "time_zone": cohort.time_zone, "language": cohort.language, "rhythm": "every",
            "count": min(free, series.MOST) or USUAL, "pattern": series.default_pattern(cohort.language, named=free),
            "first_day": rhythm.next_weekday(today, TUESDAY),
        }  # fmt: skip
        return usual | (self._as_copied(first, today) if first else {})

    def _as_copied(self, first, today):
        wall = wall_clock.wall_of(first)
        return {
            "count": len(self.sources), "pattern": "", "minutes": None, "hour": wall.time(), "rhythm": "copied", "mode": first.mode,
            "engine": first.engine, "first_day": rhythm.next_weekday(today, wall.weekday()), "use_template": False,
            **(self._closing_as_copied() if self.closing_source else {}),
        }  # fmt: skip

    def _closing_as_copied(self):
        day = self.closing_source
        return {
            "closing": True, "closing_title": day.title, "closing_hour": wall_clock.wall_of(day).time(),
            "closing_minutes": day.minutes, "closing_place": day.place, "closing_url": day.place_url,
        }  # fmt: skip

    def clean_first_day(self):
        return near(self.cleaned_data["first_day"])

    def clean_closing_day(self):
        return near(self.cleaned_data["closing_day"])

    def clean_pattern(self):
        pattern = self.cleaned_data["pattern"]
        strange = [word for word in re.findall(r"\{[^}]*\}?", pattern) if word not in PLACEHOLDERS]
        if strange:
            raise ValidationError(_("“%(word)s” stands for nothing. Use {n} and {title}.") % {"word": strange[0]})
        return pattern

    def clean_conference_url(self):
        url = self.cleaned_data["conference_url"]
        if url:
            conference.check_address(url)
        return url

    def clean_closing_url(self):
        return secure(self.cleaned_data["closing_url"])

    def clean_guests(self):
        users, unknown = series.people_by_address(self.cleaned_data["guests"], self.by)
        if unknown:
            words = ngettext_lazy(
                "Nobody whom you can find has the address %(addresses)s. Name guests from elsewhere on the page of each meeting.",
                "Nobody whom you can find has these addresses: %(addresses)s. Name guests from elsewhere on the page of each meeting.",
                len(unknown),
            )
            raise ValidationError(words, params={"addresses": ", ".join(unknown[:5])})
        return users

    def clean(self):
        cleaned = super().clean()
        count, sources = cleaned.get("count"), self.sources
        if cleaned.get("minutes") is None and "minutes" not in self.errors and not sources:
            self.add_error("minutes", MINUTES)
        if cleaned.get("rhythm") == "copied" and count and count > len(sources):
            self.add_error(
                "count", _("The earlier cohort had %(count)s. Choose the same step for more.") % {"count": len(sources)}
            )
        if cleaned.get("closing"):
            for name, words in (("closing_hour", _("Write the hour as 15:00.")), ("closing_minutes", MINUTES)):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, words)
        return cleaned

    def plan(self):
        """The `Plan` of a form that is right. Raises `Refused` where the days run out."""
        said = self.cleaned_data
        step = int(said["unit"]) * said["every"]
        copied = said["rhythm"] == "copied"
        gaps = series.gaps_of(self.sources)[: said["count"] - 1] if copied else rhythm.regular(said["count"], step)
        plan = Plan(
            key=said["key"], first=said["first_day"], hour=said["hour"], time_zone=said["time_zone"], gaps=tuple(gaps),
            step=7 if copied else step, pattern=said["pattern"], minutes=said["minutes"], language=said["language"], mode=said["mode"],
            engine=said["engine"], state=said["state"], place=said["place"], conference_url=said["conference_url"],
            skip=frozenset(said["skip"]), holidays_of=tuple(said["holidays_of"]), linked=said["linked"],
            use_template=said["use_template"], sources=self.sources, guests=tuple(said["guests"]),
        )  # fmt: skip
        return series.with_closing(plan, self._closing) if said["closing"] else plan

    def _closing(self, last, free):
        """`last` is the day of the last meeting, `free(day)` whether a day may be taken."""
        said = self.cleaned_data
        day = said["closing_day"]
        if day is None:
            day = rhythm.next_weekday(last, FRIDAY)
            while not free(day):
                day += timedelta(days=7)
        return Closing(
            said["closing_title"] or series.closing_title(said["language"]), day, said["closing_hour"], said["closing_minutes"],
            said["closing_place"], said["closing_url"], self.closing_source,
        )  # fmt: skip

    def say(self, refusal):
        field = {"starts_at": "first_day"}.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, refusal.text)


class MoveForm(forms.Form):
    """`following` is how many later ones there are; the tick is offered where there are any."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    day = day_field(label=_("New day"))
    hour = hour_field(label=_("Begins at"))
    rest = forms.BooleanField(required=False)

    def __init__(self, data=None, *, following=0, **options):
        super().__init__(data, **options)
        _offer_rest(self, following)

    def clean_day(self):
        return near(self.cleaned_data["day"])

    def say(self, refusal):
        field = {"starts_at": "day"}.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, refusal.text)


class CancelSeriesForm(CancelForm):
    rest = forms.BooleanField(required=False)

    def __init__(self, data=None, *, following=0, **options):
        super().__init__(data, **options)
        _offer_rest(self, following)


def _offer_rest(form, following):
    if following:
        form.fields["rest"].label = ngettext_lazy(
            "This one and the %(count)s that follows in the series",
            "This one and the %(count)s that follow in the series",
            following,
        ) % {"count": following}
    else:
        del form.fields["rest"]
