"""Plans in every state: for the journeys of planning (called through backstage.py) and for looking at their screens (`made`).

Everything here runs in a process with Django on the site's database. Somebody's address is their name @room.example.org, unless they
are of the demonstration.
"""

import datetime
import zoneinfo

MEXICO = "America/Mexico_City"

# --- for the journeys --------------------------------------------------------------------------------------------------


def cohort_to_plan(people, guests):
    """A cohort with people and no meetings; `people` as backstage.training takes them, `guests` {name: (country, language, zone)}.

    Gives {"cohort", "users": {name: id}}.
    """
    from tests.browser import backstage

    here = backstage.training(people)
    _meetings().filter(cohort_id=here["cohort"]).delete()
    today = datetime.date.today()
    _of("curriculum", "Cohort").filter(pk=here["cohort"]).update(
        time_zone=MEXICO, starts_on=today, ends_on=today + datetime.timedelta(days=900)
    )
    users = {name: backstage._user(name, *about).pk for name, about in guests.items()}
    return {"cohort": here["cohort"], "users": here["users"] | users}


def without_rotation():
    """No groups, no quarters: as before the first year is planned."""
    _of("live", "QuarterSlot").delete()
    _of("live", "LeadGroup").delete()


def planned_year(year, names):
    """A year proposed and dated for groups of these names, two mentors of the demonstration in each.

    Gives {quarter: {"group", "meeting", "members": [addresses]}} and, under "others", the addresses of mentors in no group.
    """
    from curriculum.mentors import active_mentors
    from sessions import forming_groups, quarter_days, quarters, rotation

    without_rotation()
    lead, mentors = _demo("lead"), [user for user in active_mentors().order_by("pk") if user.email.startswith("mentor-")]
    pairs = {name: mentors[2 * place : 2 * place + 2] for place, name in enumerate(names)}
    for name, pair in pairs.items():
        forming_groups.create(lead, name, pair)
    rotation.propose(year, lead)
    given = {}
    for number, quarter in enumerate(quarters.of_year(year)):
        starts_at = datetime.datetime(year, 3 * number + 2, 15, 9, tzinfo=zoneinfo.ZoneInfo(MEXICO))
        slot = quarter_days.plan(quarter, lead, starts_at=starts_at, minutes=90, time_zone=MEXICO)
        name = slot.group.name
        given[quarter] = {"group": name, "meeting": slot.meeting_id, "members": [user.email for user in pairs[name]]}
    return given | {"others": [user.email for user in mentors[2 * len(pairs) :]]}


def selection_to_hold(names):
    """A preparatory meeting of Lena's with candidates and no criteria. Gives {"meeting", "enrollments": {name: id}}."""
    from curriculum import cohorts
    from sessions.models import PreparatoryMeeting
    from tests.browser import backstage

    here = backstage.training({"Lena": ("lead", "MX", "es", MEXICO)})
    lead, cohort = _user_of("Lena"), _of("curriculum", "Cohort").get(pk=here["cohort"])
    found = {
        name: cohorts.add_candidate(cohort, f"{name.lower()}@room.example.org", lead, full_name=f"{name} Prueba").pk
        for name in names
    }
    meeting = PreparatoryMeeting.objects.create(
        cohort=cohort, title="Reunión preparatoria", starts_at=_soon(3), minutes=60, for_cohort=False, created_by=lead
    )
    return {"meeting": meeting.pk, "enrollments": found}


def decisions(meeting):
    """{name: [decision, state in the cohort, whether it was applied]}."""
    rows = _of("live", "CandidateDecision").filter(meeting_id=meeting).select_related("enrollment__user")
    return {
        row.enrollment.user.full_name.split()[0]: [row.decision, row.enrollment.status, row.applied_at is not None]
        for row in rows
    }


def announced(title, **people):
    """A session in three days that its people were told of; `people` as backstage.training takes them. Gives as that."""
    from sessions import telling
    from tests.browser import backstage

    here = backstage.training(people, title=title)
    meeting = _meetings().get(pk=here["meeting"])
    meeting.starts_at = _soon(3)
    meeting.save(update_fields=["starts_at"])
    telling.bring_up_to_date(meeting.pk)
    return here


def answer_of(meeting, name):
    """[answer, via] of one person."""
    row = _of("live", "Invitee").get(meeting_id=meeting, user=_user_of(name))
    return [row.answer, row.via]


def change_meeting(meeting, hours=None, **fields):
    """Past all checks: other values, and a begin in so many hours."""
    if hours is not None:
        fields["starts_at"] = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    _of("live", "Meeting").non_polymorphic().filter(pk=meeting).update(**fields)


def kept_acts_done():
    """How many acts of devices' outboxes were done."""
    return _of("live", "Receipt").count()


def begins(cohort):
    """[[id, title, begin as ISO in UTC, kind]] of the meetings of a cohort, in the order of time."""
    found = _meetings().filter(cohort_id=cohort).order_by("starts_at")
    return [[one.pk, one.title, one.starts_at.isoformat(), one.kind] for one in found]


def checklist(quarter):
    """{step: done} of a quarter."""
    from sessions import duties

    slot = duties.with_facts(_of("live", "QuarterSlot")).get(quarter=quarter)
    return {line.key: line.done for line in duties.lines(slot, datetime.date.today())}


def _of(app, name):
    from django.apps import apps

    return apps.get_model(app, name).objects.all()


def _meetings():
    from sessions.models import Meeting

    return Meeting.objects.all()


def _soon(days, hour=15):
    day = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _demo(name):
    from lms.models import User

    return User.objects.get(email=f"{name}@demo.example.org")


def _user_of(name):
    from lms.models import User

    return User.objects.get(email=f"{name.lower()}@room.example.org")


CALLS = {
    one.__name__: one
    for one in (
        cohort_to_plan,
        without_rotation,
        planned_year,
        selection_to_hold,
        decisions,
        announced,
        answer_of,
        change_meeting,
        kept_acts_done,
        begins,
        checklist,
    )
}


# --- for the walk ------------------------------------------------------------------------------------------------------


def made(cohort):
    """What the places of planning_screens.PLANNING stand for, made on top of the demonstration; `way_out` and the links are in every language."""
    from notifications import unsubscribing
    from sessions import answers, telling
    from sessions.models import (
        InPersonDay,
        LeadGroupMember,
        NationalMeeting,
        PreparatoryMeeting,
        QuarterSlot,
        TrainingSession,
    )

    coming = TrainingSession.objects.get(cohort=cohort, number=3, state="scheduled")
    for meeting in TrainingSession.objects.filter(cohort=cohort, state="scheduled", starts_at__gt=_soon(0)):
        telling.bring_up_to_date(meeting.pk)
    trainee, trainer, lead = _demo("trainee"), _demo("trainer"), _demo("lead")
    full, over = _full(cohort, trainer, trainee), TrainingSession.objects.filter(cohort=cohort, state="ended").first()
    prep = PreparatoryMeeting.objects.exclude(cohort=cohort).get(title__contains="Cono Sur")
    member = LeadGroupMember.objects.get(user=_demo("mentor-04"), left_at=None)
    accepted = QuarterSlot.objects.get(group=member.group)
    bare = _bare(cohort, lead)
    return {
        "coming": coming.pk, "full": full.pk, "closing_day": InPersonDay.objects.get(cohort=cohort).pk,
        "national": NationalMeeting.objects.get().pk, "material": coming.materials.first().pk, "outcome": full.outcomes.first().pk,
        "done_prep": PreparatoryMeeting.objects.get(cohort=cohort).pk, "in_series": _series(bare, lead), "bare": bare.pk,
        "bare_prep": PreparatoryMeeting.objects.get(cohort=bare).pk, "prep": prep.pk, "criterion": prep.criteria.first().pk,
        "candidate": prep.cohort.enrollments.filter(status="candidate").first().pk, "lead_group": member.group_id, "member": member.pk,
        "accepted": accepted.quarter, "its_year": accepted.quarter[:4], "this_year": datetime.date.today().year,
        "proposed": QuarterSlot.objects.get(state="proposed").quarter, "led": QuarterSlot.objects.filter(meeting__state="ended").first().quarter,
        "answer_link": _path(answers.link_for(coming, trainee)), "answer_full": _path(answers.link_for(full, trainee)),
        "answer_over": _path(answers.link_for(over, trainee)), "way_out": _path(unsubscribing.link(trainee, "summaries")),
    }  # fmt: skip


def _path(link):
    """Without the host and, for every language of the walk, with a place for it."""
    return "/{lang}/" + link.split("/", 4)[4]


def _full(cohort, trainer, trainee):
    """One place, two who want it, much to read, a run of show and what it came to."""
    from sessions import answers, run_of_show
    from sessions.models import Invitee, Material, Outcome, TrainingSession

    meeting, new = TrainingSession.objects.get_or_create(
        cohort=cohort, title="Una sesión con pocos lugares", state="scheduled", number=30, capacity=1,
        defaults={"starts_at": _soon(2), "minutes": 30, "time_zone": MEXICO, "created_by": trainer},
    )  # fmt: skip
    if new:
        for enrollment in cohort.enrollments.filter(role="trainee", status="enrolled").exclude(user=trainee)[:2]:
            answers.answer(meeting, enrollment.user, "yes", Invitee.Via.PAGE, "Llego diez minutos tarde.")
        answers.answer(meeting, trainee, "yes", Invitee.Via.LINK, "")
        run_of_show.use_template(meeting)
        for title, minutes in (("Guía de bolsillo", 4), ("Una revisión muy larga sobre la continuidad del tratamiento", 40)):
            Material.objects.create(meeting=meeting, title=title, url="https://example.org/guia", minutes=minutes)
        for what, text in (("action", "Traer la lista"), ("decision", "Se llama a las seis semanas"), ("note", "Faltan datos")):
            Outcome.objects.create(
                meeting=meeting, what=what, text=text, due=_soon(9).date() if what == "action" else None, by=trainer
            )
    return meeting


def _bare(cohort, lead):
    """A cohort without people but its lead, with a preparatory meeting that nobody has prepared."""
    from curriculum import cohort_setup
    from curriculum.models import Cohort
    from sessions.models import PreparatoryMeeting

    bare = Cohort.objects.filter(name="Vacía 2028").first()
    if bare is None:
        bare = Cohort(
            name="Vacía 2028", curriculum_key=cohort.curriculum_key, countries=["MX", "GB"], time_zone=MEXICO, capacity=20,
            starts_on=_soon(30).date(), ends_on=_soon(300).date(),
        )  # fmt: skip
        bare = cohort_setup.create(bare, lead)
        PreparatoryMeeting.objects.create(
            cohort=bare,
            title="Preparatoria vacía",
            starts_at=_soon(20),
            minutes=60,
            for_cohort=False,
            created_by=lead,
            time_zone=MEXICO,
        )
    return bare


def _series(cohort, lead):
    """The first of two meetings of a series; the second one is after a change of London's clocks."""
    from sessions.models import Series, TrainingSession

    found = TrainingSession.objects.filter(cohort=cohort).first()
    if found is None:
        series = Series.objects.create(cohort=cohort, created_by=lead)
        for number, days in enumerate((40, 47), 1):
            one = TrainingSession.objects.create(
                cohort=cohort, title=f"De la serie {number}", number=number, starts_at=_soon(days), minutes=90, time_zone=MEXICO,
                created_by=lead, series=series, state="scheduled",
            )  # fmt: skip
            found = found or one
    return found.pk
