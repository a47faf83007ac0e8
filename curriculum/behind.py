"""Who is behind, not there yet or not answering, and which texts wait: what this floor contributes to `curriculum.attention`.

Behind is who has done at least two activities fewer than somebody who works evenly from the first to the last day. Activities of
modules that opened less than a week ago are not expected of anybody yet.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.attention import Item
from curriculum.cohort_facts import zone_of
from curriculum.enrollment_states import Role, Status
from curriculum.models import Cohort, Completion, Enrollment, HandIn, Invitation
from curriculum.outline import outline_of
from curriculum.progress import opening_of

SLACK = 1  # activities short that nobody speaks of
SETTLES = timedelta(days=7)  # a module that opened is expected to be done from then on
UNANSWERED = UNOPENED = timedelta(days=5)
UNJUDGED = timedelta(days=2)
SAME_VISIT = timedelta(days=1)  # whoever accepts the invitation signs in with it


@dataclass(frozen=True)
class Pace:
    """`done` of `open` required activities that the person may open; `expected` of them by now."""

    done: int
    open: int
    expected: int

    @property
    def behind(self):
        return self.done + SLACK < self.expected


def items(user, cohorts):
    """A provider of `settings.ATTENTION`. Four queries; one more for each curriculum whose outline is not frozen and not remembered."""
    mine = {cohort.pk: cohort for cohort in cohorts}
    people = _people(user, mine)
    links = _standing_links(mine)
    done, last = _done(mine)
    hand_ins = _hand_ins(user, mine)
    for hand_in in hand_ins:
        last[hand_in.enrollment_id] = max(last.get(hand_in.enrollment_id, hand_in.sent_at), hand_in.sent_at)
    found = [_about(person, links.get(person.pk), done[person.pk], last.get(person.pk)) for person in people]
    return [*(item for item in found if item), *_unjudged(hand_ins)]


def pace_of(enrollment, done, now=None):
    """How far the person is against the calendar. `done` are the keys of completed activities."""
    now = now or timezone.now()
    outline, begins, ends = outline_of(enrollment.cohort), *_span(enrollment)
    open_keys, settled = set(), set()
    for module in outline.modules:
        opens_at = opening_of(enrollment, module.key) or begins
        keys = {activity.key for activity in module.activities if activity.required}
        if opens_at <= now or opening_of(enrollment, module.key) is None:
            open_keys |= keys
        if max(opens_at, begins) + SETTLES <= now:
            settled |= keys
    share = min(max((now - begins) / (ends - begins), 0), 1)
    expected = min(len(settled), int(len(outline.required_keys) * share))
    return Pace(len(open_keys & done), len(open_keys), expected)


def _span(enrollment):
    """From the first day of the cohort, or when the person came, to its last day."""
    cohort = enrollment.cohort
    zone = zone_of(cohort)
    begins = datetime.combine(cohort.starts_on, time(), tzinfo=zone)
    ends = datetime.combine(cohort.ends_on + timedelta(days=1), time(), tzinfo=zone)
    begins = max(begins, enrollment.enrolled_at or begins)
    return begins, max(ends, begins + timedelta(days=1))


# --- rows ------------------------------------------------------------------------------------------------------------


def _people(user, cohorts):
    rows = Enrollment.objects.filter(cohort__in=cohorts, status__in=(Status.SELECTED, Status.ENROLLED), user__is_active=True)
    people = list(rows.exclude(user=user).select_related("user"))
    for person in people:
        person.cohort = cohorts[person.cohort_id]
    return people


def _standing_links(cohorts):
    standing = {"accepted_at": None, "declined_at": None, "replaced_at": None}
    return {link.enrollment_id: link for link in Invitation.objects.filter(enrollment__cohort__in=cohorts, **standing)}


def _done(cohorts):
    """What each enrolment completed, and when it completed something last."""
    done, last = defaultdict(set), {}
    rows = Completion.objects.filter(enrollment__cohort__in=cohorts, enrollment__status=Status.ENROLLED).order_by("at")
    for enrollment, key, at in rows.values_list("enrollment_id", "activity_key", "at"):
        done[enrollment].add(key)
        last[enrollment] = at
    return done, last


def _hand_ins(user, cohorts):
    rows = HandIn.objects.waiting().filter(enrollment__cohort__in=cohorts, enrollment__user__is_active=True)
    found = list(rows.exclude(enrollment__user=user).select_related("enrollment__user").defer("text"))
    for hand_in in found:
        hand_in.enrollment.cohort = cohorts[hand_in.enrollment.cohort_id]
    return found


# --- words -----------------------------------------------------------------------------------------------------------


def _about(enrollment, link, done, last):
    if enrollment.cohort.status == Cohort.Status.CLOSED:
        return None
    if enrollment.status == Status.SELECTED:
        return _about_invitation(enrollment, link)
    if enrollment.role != Role.TRAINEE or enrollment.cohort.status != Cohort.Status.RUNNING:
        return None
    return _about_first_visit(enrollment, last) or _about_pace(enrollment, done, last)


def _about_invitation(enrollment, link):
    if link is None:
        return _item(enrollment, "invitations", enrollment.created_at, _("Selected, not invited yet."))
    if not link.is_open:
        return _item(enrollment, "invitations", link.expires_at, _("The invitation ran out without an answer."))
    if timezone.now() - link.created_at < UNANSWERED:
        return None
    words = _("Invited %(ago)s, no answer yet.") % {"ago": ago(link.created_at)}
    return _item(enrollment, "invitations", link.created_at, words)


def _about_first_visit(enrollment, last):
    signed_in, came = enrollment.user.last_login, enrollment.enrolled_at or enrollment.created_at
    if last or timezone.now() - came < UNOPENED or (signed_in and signed_in > came + SAME_VISIT):
        return None
    words = _("Enrolled %(ago)s and never signed in.") if signed_in is None else _("Enrolled %(ago)s and not back since then.")
    return _item(enrollment, "unopened", came, words % {"ago": ago(came)}, _first_step(enrollment))


def _about_pace(enrollment, done, last):
    pace = pace_of(enrollment, done)
    if not pace.behind:
        return None
    came = enrollment.enrolled_at or enrollment.created_at
    seen = max(moment for moment in (last, enrollment.user.last_login, came) if moment)
    words = _("%(done)s of %(open)s open activities, last active %(ago)s.")
    words %= {"done": pace.done, "open": pace.open, "ago": ago(seen)}
    return _item(enrollment, "behind", seen, words, _open_activities(enrollment, pace))


def _unjudged(hand_ins):
    late = [one for one in hand_ins if timezone.now() - one.sent_at > UNJUDGED]
    return [
        Item(
            "hand_ins", _("Handed-in texts"), one.enrollment.cohort,
            _("“%(title)s”: handed in %(ago)s, nobody has judged it yet.") % {"title": _title(one), "ago": ago(one.sent_at)},
            one.sent_at, reverse("curriculum:hand_in_judge", args=[one.pk]), f"hand_in:{one.pk}", one.enrollment.user,
        )
        for one in late
    ]  # fmt: skip


def _item(enrollment, kind, since, words, reminder=None):
    subject = {
        "invitations": _("Invitations"),
        "unopened": _("Programme not opened"),
        "behind": _("Behind schedule"),
    }[kind]
    url = reverse("curriculum:enrollment", args=[enrollment.pk])
    key = f"{kind}:{enrollment.pk}"
    return Item(kind, subject, enrollment.cohort, words, since, url, key, enrollment.user, reminder)


def _title(hand_in):
    activity = outline_of(hand_in.enrollment.cohort).find(hand_in.activity_key)
    return activity.title() if activity else _("Assignment")


def _first_step(enrollment):
    def words():
        text = _("Your place in “%(cohort)s” is ready: begin with the first lesson.") % {"cohort": enrollment.cohort.name}
        return text, reverse("curriculum:programme")

    return words


def _open_activities(enrollment, pace):
    def words():
        text = _("“%(cohort)s”: you have done %(done)s of the %(open)s activities that are open.")
        return text % {"cohort": enrollment.cohort.name, "done": pace.done, "open": pace.open}, reverse("curriculum:programme")

    return words


def ago(moment, now=None):
    """ "today", "12 days ago"."""
    days = max(((now or timezone.now()) - moment).days, 0)
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days} if days else _("today")
