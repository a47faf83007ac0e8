"""The day of a quarter's meeting: the meeting is made as a draft, run by the group, and goes out to all mentors when the group says so."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from sessions import exercise, lead_groups, quarters, rota, schedule, telling, wall_clock
from sessions.models import Meeting, MeetingPerson, QuarterSlot, RegionalMeeting

Part, State = MeetingPerson.Part, Meeting.State


def plan(quarter, by, *, starts_at, minutes, time_zone, seen=None):
    """Makes the quarter's meeting, or moves it. Returns the slot. Raises `Refused`.

    `seen` is `version_of` the meeting as the page showed it: a page from before does not take a quarter back to its former day.
    """
    with transaction.atomic():
        slot = rota.hold(quarters.year_of(quarter)).open_slot(quarter)
        if slot is None:
            raise Refused(_("This quarter is over; it stays as it was."), "starts_at")
        meeting, times = rota.standing_meeting(slot), {"starts_at": starts_at, "minutes": minutes, "time_zone": time_zone}
        if meeting is None:
            slot.meeting = _made(slot, by, times)
        elif any(getattr(meeting, name) != value for name, value in times.items()):
            _require_newest(meeting, seen)
            slot.meeting = schedule.change(meeting, **times)
        slot.planned_on = starts_at.astimezone(wall_clock.zone(time_zone)).date()
        slot.save(update_fields=["meeting", "planned_on"])
        hosts_follow(slot)
        exercise.lay(slot, by)
    return slot


def version_of(meeting):
    """A short text that is another one as soon as the day is; "" for none yet."""
    return f"{meeting.pk}@{meeting.starts_at.timestamp():.0f}+{meeting.minutes}" if meeting else ""


def _require_newest(meeting, seen):
    if seen is not None and seen != version_of(meeting):
        raise Refused(_("Somebody else moved these meetings in the meantime. Look at what changes once more."))


def _made(slot, by, times):
    language = RegionalMeeting._meta.get_field("language").default
    with translation.override(language):
        title = _("Regional meeting of mentors, quarter %(number)s of %(year)s") % {
            "number": quarters.number_of(slot.quarter), "year": quarters.year_of(slot.quarter),
        }  # fmt: skip
    return schedule.create(
        "regional", by, title=title, quarter=slot.quarter, topic=slot.topic, language=language, state=State.DRAFT, **times
    )


def is_outside(quarter, day):
    return quarters.quarter_of(day) != quarter


# --- who runs it -----------------------------------------------------------------------------------------------------


def hosts_follow(slot):
    """The members of the group run the meeting; who does so no more takes part in it, or leaves a draft. Leads stay as they are."""
    meeting = rota.standing_meeting(slot)
    if meeting is None or meeting.started_at:
        return
    now = {user.pk for user in lead_groups.people_in(slot.group_id)} if slot.group_id else set()
    former = [
        row
        for row in meeting.people.filter(part=Part.HOST).exclude(user__in=now).select_related("user")
        if _came_with_a_group(row.user)
    ]
    MeetingPerson.objects.bulk_create(
        [MeetingPerson(meeting_id=meeting.pk, user_id=pk, part=Part.HOST) for pk in now], ignore_conflicts=True
    )
    meeting.people.filter(user__in=now).exclude(part__in=(Part.HOST, Part.REMOVED)).update(part=Part.HOST)
    stays = MeetingPerson.objects.filter(pk__in=[row.pk for row in former])
    if meeting.state == State.DRAFT:
        stays.delete()
    else:
        stays.update(part=Part.PARTICIPANT)
    telling.touched(meeting, rises=False)


def _came_with_a_group(user):
    return user.lead_groups.exists() and not roles.leads_programme(user)


# --- who is asked ----------------------------------------------------------------------------------------------------


def invite(quarter, by, check=None):
    """The draft becomes a meeting that all mentors know of. Again is the same as once. Raises `Refused`.

    `check` sees the meeting while the rota is held, before anything is done, and may raise.
    """
    with transaction.atomic():
        slot = rota.hold(quarters.year_of(quarter)).slots[quarter]
        meeting = rota.standing_meeting(slot)
        if meeting is None:
            raise Refused(_("The meeting has no day yet. A lead plans it in the year."))
        if meeting.state == State.DRAFT:
            if check:
                check(meeting)
            slot.meeting = meeting = schedule.change(meeting, state=State.SCHEDULED)
            ask_mentors(meeting)
            telling.touched(meeting, rises=False)
    return slot


def ask_mentors(meeting):
    """Every active mentor takes part who is not named yet. Returns how many came new. Nobody is ever taken off: who lapsed stays."""
    named = set(meeting.people.values_list("user_id", flat=True))
    new = [pk for pk in active_mentors().order_by().values_list("pk", flat=True) if pk not in named]
    MeetingPerson.objects.bulk_create(
        [MeetingPerson(meeting_id=meeting.pk, user_id=pk, part=Part.PARTICIPANT) for pk in new], ignore_conflicts=True
    )
    return len(new)


def ask_new_mentors():
    """Mentors certified after the invitation went out are asked to the coming meetings as well. Returns how many places that gave."""
    found = 0
    for slot in QuarterSlot.objects.filter(meeting__state=State.SCHEDULED, meeting__started_at=None).select_related("meeting"):
        with transaction.atomic():
            new = ask_mentors(slot.meeting)
            if new:
                telling.touched(slot.meeting, rises=False)
        found += new
    return found
