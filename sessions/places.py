"""Places: who has one, who waits, who moves up. Nobody who has a place ever loses it to somebody else.

A "yes" takes a place while its person belongs to the meeting. Those who run the meeting or present in it (hosts and presenters by
name, trainers and leads of its cohort) take none: they come in any case. Whoever is removed or leaves the cohort no longer counts, so
a place is free without anybody saying so: the command `give_free_places` finds that from the rows, every minute.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from notifications import outbox, readers
from sessions.belonging import people_of
from sessions.local_times import zone_of
from sessions.models import Invitee, Meeting, MeetingPerson

Part = MeetingPerson.Part


# --- reading ---------------------------------------------------------------------------------------------------------


def crew(meeting):
    """Those who run or present, as a queryset of users."""
    named = MeetingPerson.objects.filter(meeting_id=meeting.pk, part__in=(Part.HOST, Part.PRESENTER)).values("user_id")
    wanted = Q(pk__in=named)
    if meeting.cohort_id:
        teaching = Enrollment.objects.filter(cohort_id=meeting.cohort_id, role__in=TEACHING, status__in=Enrollment.MEMBER_STATES)
        wanted |= Q(pk__in=teaching.order_by().values("user_id"))
    return get_user_model().objects.filter(wanted)


def coming(meeting):
    """The "yes" of everybody who belongs and has a place or needs none, as a queryset of `Invitee`."""
    here = people_of(meeting).order_by().values("pk")
    return Invitee.objects.filter(meeting_id=meeting.pk, answer=Invitee.Answer.YES, waiting_since=None, user__in=here)


def taken(meeting):
    """How many places are taken. One query."""
    return coming(meeting).exclude(user__in=crew(meeting)).count()


def waiting(meeting):
    """Those who wait, the longest first, as a queryset of `Invitee`."""
    here = people_of(meeting).order_by().values("pk")
    rows = (
        Invitee.objects.filter(meeting_id=meeting.pk, user__in=here).exclude(waiting_since=None).exclude(user__in=crew(meeting))
    )
    return rows.order_by("waiting_since", "pk")


def place_in_line(meeting, invitee):
    """1 for who moves up next; 0 for who does not wait. One query at most."""
    if invitee is None or invitee.waiting_since is None:
        return 0
    return next((place for place, pk in enumerate(waiting(meeting).values_list("pk", flat=True), 1) if pk == invitee.pk), 0)


def has_room(meeting):
    return meeting.capacity is None or taken(meeting) < meeting.capacity


def check_capacity(meeting, new):
    """Raises `Refused` for fewer places than are taken: nobody is thrown out by a number. `None` is no limit."""
    if new is None or new == meeting.capacity:
        return
    has = taken(meeting)
    if new < has:
        words = ngettext(
            "%(count)s person has a place already. Write at least %(count)s.",
            "%(count)s people have a place already. Write at least %(count)s.",
            has,
        )
        raise Refused(words % {"count": has}, "capacity")


# --- giving ----------------------------------------------------------------------------------------------------------


def held(meeting_id):
    """The meeting's row, locked until the transaction ends: all that gives or frees places passes through here."""
    return Meeting.objects.non_polymorphic().select_for_update().get(pk=meeting_id)


def needs_to_wait(meeting, user):
    """Whether a new "yes" of this person finds no place. The row is held."""
    return not has_room(meeting) and not crew(meeting).filter(pk=user.pk).exists()


def fill(meeting):
    """Gives free places to those who wait longest and tells them. The row is held. Returns how many moved up."""
    if meeting.capacity is not None:
        _give_up_left_places(meeting)
    standing_by = Invitee.objects.filter(meeting_id=meeting.pk).exclude(waiting_since=None)
    if not standing_by.exists():
        return 0
    standing_by.filter(user__in=crew(meeting)).update(waiting_since=None)
    line = waiting(meeting).select_related("user")
    if meeting.capacity is not None:
        line = line[: max(0, meeting.capacity - taken(meeting))]
    return sum(_give(meeting, invitee) for invitee in list(line))


def _give_up_left_places(meeting):
    """Whoever belongs no more holds no place: should they come back, they wait like others, from now on."""
    here = people_of(meeting).order_by().values("pk")
    left = Invitee.objects.filter(meeting_id=meeting.pk, answer=Invitee.Answer.YES, waiting_since=None).exclude(user__in=here)
    left.update(waiting_since=timezone.now())


def give_free_places(now=None):
    """Everywhere at once, found from the rows; running twice is the same as once. Returns how many moved up."""
    now = now or timezone.now()
    open_ones = Meeting.objects.non_polymorphic().filter(state=Meeting.State.SCHEDULED, starts_at__gt=now)
    found = open_ones.filter(invitees__waiting_since__isnull=False).distinct()
    return sum(_fill_one(meeting.pk, now) for meeting in found if has_room(meeting))


def _fill_one(meeting_id, now):
    with transaction.atomic():
        meeting = held(meeting_id)
        still_open = meeting.state == Meeting.State.SCHEDULED and meeting.starts_at > now
        return fill(meeting) if still_open else 0


def _give(meeting, invitee):
    """One person moves up. The mail is of use until the meeting begins."""
    key = f"place-free:{meeting.pk}:{invitee.user_id}:{invitee.waiting_since:%Y%m%d%H%M%S%f}"
    invitee.waiting_since = None
    invitee.save(update_fields=["waiting_since"])
    person = invitee.user
    with translation.override(readers.language_for(person)):
        path = reverse("live:meeting", args=[meeting.pk])
    context = {
        "title": meeting.title, "url": settings.SITE_BASE_URL + path,
        "begins_at": [meeting.starts_at.isoformat(), str(zone_of(person))],
    }  # fmt: skip
    outbox.enqueue("place_free", person, key, context, expires_at=meeting.starts_at, url=path)
    return 1
