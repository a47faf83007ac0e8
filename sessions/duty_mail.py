"""What groups are told: whose turn it is, and the steps of the checklist that are open. The group first, a lead second.

All of it is found from the rows (`tell_due`, every minute): running late, twice or in ten places changes nothing, and a worker that was
dead for two days sends only what still matters. A person hears of one step at most once in seven days (notifications/spacing.py).
"""

import datetime
import zoneinfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from curriculum import roles
from curriculum.models import Cohort, Enrollment
from notifications import outbox, readers, spacing
from notifications.models import Message
from sessions import duties, lead_groups, quarters, rota
from sessions.models import QuarterSlot, SlotChange

AHEAD = datetime.timedelta(days=3)
LEAD_AFTER = datetime.timedelta(days=3)
DAY, WEEK = datetime.timedelta(days=1), datetime.timedelta(days=7)
# A lead who proposes and then swaps has this long before anybody hears of what did not last.
SETTLING = datetime.timedelta(minutes=10)
GIVES = ("proposed", "assigned", "override", "swapped", "accepted")


# --- whose turn it is ------------------------------------------------------------------------------------------------


def tell_turn(slot, change):
    """The group leads this quarter: proposed, or accepted by one of them."""
    news = "accepted" if change.what == "accepted" else "proposed"
    due_at = timezone.now() + (SETTLING if news == "proposed" else datetime.timedelta())
    for user in lead_groups.people_in(change.to_group_id):
        _tell(f"{_turn_key(change)}:{user.pk}", user, slot, news, change, due_at=due_at)


def tell_handed_on(slot, group_pk, change):
    """The group leads it no more. Who had not heard yet that it was to lead hears nothing at all."""
    for user in lead_groups.people_in(group_pk):
        if not _withdrawn(slot, user):
            _tell(f"{_turn_key(change)}:{user.pk}:handed-on", user, slot, "handed_on", change)


def tell_nobody_left(slot, former, by):
    """No other group can lead without breaking the rule: a lead has to decide."""
    change = slot.changes.last()
    for user in leads_for(slot):
        _tell(f"{_turn_key(change)}:{user.pk}:nobody", user, slot, "nobody", change, group=former.name)


def _withdrawn(slot, user):
    unsent = Message.objects.filter(
        user=user, what="meeting_duty", dedupe_key__startswith=f"meeting-duty:{slot.pk}:", sent_at=None
    )
    return sum(outbox.withdraw(key) for key in list(unsent.filter(settled_as="").values_list("dedupe_key", flat=True))) > 0


def _turn_key(change):
    return f"meeting-duty:{change.slot_id}:{change.pk}"


def _tell(key, user, slot, news, change, *, due_at=None, group=None):
    groups = change.from_group if news == "handed_on" else change.to_group
    context = {
        "news": news, "group": group or (groups.name if groups else ""), "quarter": slot.quarter, "topic": slot.topic,
        "day_on": duties.day_of(slot).isoformat(), "planned": bool(slot.planned_on), "reason": change.reason,
        "url": address(user, "live:year" if news in ("handed_on", "nobody") else "live:duties", slot),
    }  # fmt: skip
    topic = f"meeting-duty:{slot.pk}:{groups.pk if groups else ''}"  # whoever has accepted is not asked ten minutes later
    expires_at = _midnight(quarters.last_day(slot.quarter) + WEEK)
    outbox.enqueue("meeting_duty", user, key, context, due_at=due_at, expires_at=expires_at, url=context["url"], topic=topic)


def address(user, name, slot):
    with translation.override(readers.language_for(user)):
        path = reverse(name, args=[quarters.year_of(slot.quarter) if name == "live:year" else slot.quarter])
    return settings.SITE_BASE_URL + path


def leads_for(slot):
    """The lead who planned the meeting or made the last change; else all leads of cohorts that are not closed."""
    meeting = rota.standing_meeting(slot)
    last = slot.changes.select_related("by").order_by("-at", "-pk")
    acting = [meeting.created_by if meeting else None, *(change.by for change in last)]
    one = next((user for user in acting if user and user.is_active and roles.leads_programme(user)), None)
    if one:
        return [one]
    open_ = Enrollment.objects.filter(role=Enrollment.Role.LEAD, status__in=Enrollment.MEMBER_STATES, user__is_active=True)
    found = open_.exclude(cohort__status=Cohort.Status.CLOSED).select_related("user").order_by("user_id")
    return list({row.user_id: row.user for row in found}.values())


# --- what falls due --------------------------------------------------------------------------------------------------


def tell_due():
    """Everything that groups and leads have to hear now. Returns how many messages were written."""
    today = quarters.today()
    nearest = Q(quarter__gte=quarters.preceding(quarters.quarter_of(today)))
    open_ = duties.with_facts(QuarterSlot.objects.filter(nearest, group__isnull=False)).order_by("quarter")
    return sum(_tell_about(slot, today) for slot in open_)


def _tell_about(slot, today):
    if duties.is_past(slot, today):
        return 0
    people = lead_groups.people_in(slot.group_id)
    return _late_comers(slot, people) + _steps(slot, people, today)


def _late_comers(slot, people):
    """Members who came after their group got its turn."""
    if rota.is_fixed(slot):
        return 0
    change = SlotChange.objects.filter(slot=slot, to_group=slot.group_id, what__in=GIVES).last()
    if change is None:
        return 0
    keys = {f"{_turn_key(change)}:{user.pk}": user for user in people}
    known = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    for key, user in keys.items():
        if key not in known:
            _tell(key, user, slot, "accepted" if change.what == "accepted" else "proposed", change)
    return len(keys) - len(known)


def _steps(slot, people, today):
    told, lines = _told(slot), duties.lines(slot, today)
    done = {line.key for line in lines if line.done}
    for one in told:
        if one["step"] in done and one["waits"]:
            outbox.withdraw(one["key"])
    open_ = [line for line in lines if not line.done]
    late = {line.key for line in open_ if _is_the_leads(line, people, today, told)}
    leads = leads_for(slot) if late else []
    return sum(_about(slot, line, people, leads if line.key in late else [], today, told) for line in open_)


def _is_the_leads(line, people, today, told):
    """Three days overdue, and the group heard of it as long ago: a group that took over late is not passed by."""
    ours = {user.pk for user in people}
    heard = [one["told_on"] for one in told if one["step"] == line.key and one["user"] in ours]
    return today >= line.due + DAY + LEAD_AFTER and (not ours or (heard and min(heard) <= (today - LEAD_AFTER).isoformat()))


def _told(slot):
    """What was said about steps of this quarter, one dictionary per message. `waits`: it has not left."""
    rows = Message.objects.filter(what="checklist_step", dedupe_key__startswith=f"checklist-step:{slot.pk}:")
    rows = rows.filter(context__has_key="step")  # old ones have lost their words (notifications/tidying.py)
    rows = rows.values_list("dedupe_key", "user_id", "context", "sent_at", "settled_as", "topic", "created_at")
    since = timezone.now() - spacing.SPAN
    return [
        {
            "key": key, "user": user, "step": context["step"], "said": (user, context["step"], context["stage"], context["due_on"]),
            "told_on": context["told_on"], "waits": not sent and not settled, "topic": topic, "lately": created > since,
        }
        for key, user, context, sent, settled, topic, created in rows
    ]  # fmt: skip


def _about(slot, line, people, leads, today, told):
    found = 0
    if line.due - AHEAD <= today <= line.due:
        found += _remind(slot, line, people, "ahead", line.due + DAY, today, told)
    elif today > line.due:
        found += _remind(slot, line, people, "overdue", today + DAY + WEEK, today, told)
    return found + _remind(slot, line, leads, "lead", today + DAY + WEEK, today, told)


def _remind(slot, line, users, stage, until, today, told):
    """`until` is the day from which the message is of no use. Each stage is said once per day it is due on, and none
    within seven days of another."""
    expires_at = _midnight(min(until, duties.day_of(slot) + datetime.timedelta(days=duties.OVER_AFTER + 1)))
    said, lately = {one["said"] for one in told}, {one["topic"] for one in told if one["lately"]}
    written = 0
    for user in users:
        topic = f"checklist-step:{slot.pk}:{line.key}:{user.pk}"
        if topic not in lately and (user.pk, line.key, stage, line.due.isoformat()) not in said:
            context = _step_context(slot, line, stage, user) | {"told_on": today.isoformat()}
            how = {"expires_at": expires_at, "url": context["url"], "topic": topic, "spaced": True}
            written += outbox.enqueue("checklist_step", user, f"{topic}:{today.isoformat()}", context, **how) is not None
    return written


def _step_context(slot, line, stage, user):
    with translation.override(readers.language_for(user)):
        name = str(line.step.name)
    return {
        "step": line.key, "step_name": name, "stage": stage, "due_on": line.due.isoformat(), "group": slot.group.name, "quarter": slot.quarter,
        "topic": slot.topic, "day_on": duties.day_of(slot).isoformat(), "url": address(user, "live:duties", slot),
    }  # fmt: skip


def _midnight(day):
    """The first instant of the day where the programme is at home."""
    return datetime.datetime.combine(day, datetime.time.min, zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE))
