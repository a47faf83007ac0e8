"""The kinds of meeting in words: what each is for, whom it needs, what is its own to say."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.outline import outline_of
from notifications.readers import written_quarter

NEEDED, POSSIBLE, NONE = "needed", "possible", "none"


@dataclass(frozen=True)
class Kind:
    """`cohort`: whether a meeting of this kind needs one, may have one, or has none."""

    key: str
    name: str
    purpose: str
    cohort: str


KINDS = {
    kind.key: kind
    for kind in (
        Kind("training", gettext_lazy("Training session"),
             gettext_lazy("A live session of a cohort, at its place in the programme. Everybody in the cohort belongs."), NEEDED),
        Kind("preparatory", gettext_lazy("Preparatory meeting"),
             gettext_lazy("Those who run a cohort choose its people: criteria, candidates, a decision with reasons for each."), NEEDED),
        Kind("in_person_day", gettext_lazy("In-person day"),
             gettext_lazy("A day at one place, such as the closing day: address, map, check-in at the door."), POSSIBLE),
        Kind("national", gettext_lazy("National meeting"),
             gettext_lazy("The people of one country, some time after the training. You name them, one by one or by country."), POSSIBLE),
        Kind("regional", gettext_lazy("Regional meeting"),
             gettext_lazy("The quarterly meeting of mentors, led by a group of them. Usually made in the year of regional meetings."), NONE),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """What the facts depend on: whether the person runs the meeting, and whether they may check in at the door now."""

    hosts: bool = False
    checks_in: bool = False


def name_of(meeting):
    """ "In-person day"."""
    return KINDS[meeting.kind].name if meeting.kind in KINDS else capfirst(meeting._meta.verbose_name)


def short_facts(meeting):
    """What a row of a list says beside the kind, as words: the number of the session, the quarter, the country."""
    if meeting.kind == "training":
        return [_("Session %(number)s") % {"number": meeting.number}]
    if meeting.kind == "regional" and meeting.quarter:
        return [written_quarter(meeting.quarter)]
    if meeting.kind == "national" and meeting.country:
        return [meeting.country.name]
    return []


def facts_of(meeting, reader):
    """What a page says of this kind alone to a `Reader`: `[{"label", "text", "url"}]`."""
    return list(FACTS.get(meeting.kind, _nothing)(meeting, reader))


def _fact(label, text, url=""):
    return {"label": label, "text": text, "url": url}


def _nothing(meeting, reader):
    return ()


def _training(meeting, reader):
    yield _fact(_("Session"), meeting.number)
    yield _fact(_("Place in the programme"), _place_in_programme(meeting) or _("an extra meeting"))


def _place_in_programme(meeting):
    """ "Module 3: Case finding · Live session 2", or "" for a meeting outside the programme."""
    outline = outline_of(meeting.cohort) if meeting.activity_key and meeting.cohort_id else None
    activity = outline.find(meeting.activity_key) if outline else None
    if activity is None:
        return ""
    module = outline.module_of(meeting.activity_key)
    words = {"number": module.number, "module": module.title(), "title": activity.title()}
    return _("Module %(number)s, %(module)s: %(title)s") % words


def _in_person(meeting, reader):
    yield _fact(_("Place"), meeting.place or _("not known yet"))
    if meeting.place_url:
        yield _fact(_("Map"), _("open the map"), meeting.place_url)
    if reader.hosts:
        yield _fact(_("Check-in"), _("code and sign for the door"), reverse("live:check_in_sign", args=[meeting.pk]))
    elif reader.checks_in:
        yield _fact(_("Check-in"), _("enter the code shown at the door"), reverse("live:check_in", args=[meeting.pk]))


def _regional(meeting, reader):
    slot = getattr(meeting, "slot", None)
    if meeting.quarter or slot:
        yield _fact(_("Quarter"), written_quarter(meeting.quarter or slot.quarter))
    if slot and slot.group:
        yield _fact(_("Led by the group"), slot.group.name)


def _national(meeting, reader):
    yield _fact(_("Country"), meeting.country.name or _("not known yet"))


def _preparatory(meeting, reader):
    if reader.hosts:
        yield _fact(_("Selection"), _("criteria, candidates, decisions"), reverse("live:selection", args=[meeting.pk]))


FACTS = {
    "training": _training, "in_person_day": _in_person, "regional": _regional, "national": _national, "preparatory": _preparatory,
}  # fmt: skip
