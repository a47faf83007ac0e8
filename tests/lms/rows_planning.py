"""Who may reach which route of planning: series, selection, rotation, calendar, answers, what needs attention. Used by tests/lms/world.py.

The trainee holds a certificate there, so they are a mentor and read the year; they are in no lead group.
"""

import datetime

from django.utils import timezone

MEMBERS = {"trainee", "trainer", "lead", "evaluator", "operator"}
HOSTS = {"trainer", "lead", "operator"}
ALL_HOSTS = HOSTS | {"other_lead"}
LEADS = {"lead", "other_lead", "operator"}


def make_planning(world):
    """A meeting to come with materials, an outcome and an answer; a preparatory meeting with a candidate; a group and its quarter."""
    from sessions import answers
    from sessions.models import (
        Criterion,
        LeadGroup,
        LeadGroupMember,
        Material,
        Outcome,
        PreparatoryMeeting,
        QuarterSlot,
        TrainingSession,
    )
    from tests import factories

    soon = timezone.now() + datetime.timedelta(days=9)
    world.coming = TrainingSession.objects.create(cohort=world.cohort, title="Sesión 2", starts_at=soon, number=2)
    world.material = Material.objects.create(meeting=world.coming, title="Guía", url="https://example.org/")
    world.outcome = Outcome.objects.create(meeting=world.coming, what="action", text="Llamar")
    world.answer_token = answers.token_for(world.coming, world.people["trainee"])
    world.preparatory = PreparatoryMeeting.objects.create(cohort=world.cohort, title="Preparatoria", starts_at=soon)
    world.criterion = Criterion.objects.create(meeting=world.preparatory, text="Tiene tiempo")
    world.candidate = factories.EnrollmentFactory(cohort=world.cohort, status="candidate", enrolled_at=None)
    world.group = LeadGroup.objects.create(name="Grupo Uno")
    world.member = LeadGroupMember.objects.create(group=world.group, user=factories.UserFactory())
    LeadGroupMember.objects.create(group=world.group, user=factories.UserFactory())
    world.slot = QuarterSlot.objects.create(quarter="2088-Q2", group=world.group, state="proposed")


def rows(Row, allow, everyone, signed_in):
    host = {**allow(HOSTS, {200, 302}), **dict.fromkeys(("trainee", "evaluator"), 403)}
    host_post = {**allow(HOSTS, {200, 302, 409, 422}), **dict.fromkeys(("trainee", "evaluator"), 403)}
    member = allow(MEMBERS, 200)
    chosen = allow(HOSTS, 200)
    chosen_post = allow(HOSTS, {200, 302, 409, 422})
    readers = allow(LEADS | {"trainee"}, {200, 302})
    lead = {**allow(LEADS, {200, 302}), "trainee": 403}
    lead_post = {**allow(LEADS, {200, 302, 422}), "trainee": 403}
    asked = {**allow(LEADS, {302, 409}), "trainee": 403}
    teaching = allow(ALL_HOSTS, 200)

    def of(name, **more):
        return lambda world: {"pk": getattr(world, name).pk, **{key: find(world) for key, find in more.items()}}

    meeting, preparatory, group = of("coming"), of("preparatory"), of("group")
    outcome = of("coming", outcome=lambda world: world.outcome.pk)
    material = of("coming", material=lambda world: world.material.pk)
    criterion = of("preparatory", criterion=lambda world: world.criterion.pk)
    quarter = {"quarter": "2088-Q2"}
    return {
        # calendar and answers
        "ics:feed": Row(kwargs={"token": "nobody-has-this"}, get=everyone(404)),
        "notifications:calendar_address": Row(get=signed_in, post={**signed_in, "*": {302, 422}}),
        "live:calendar_page": Row(get=signed_in),
        "live:answer": Row(
            kwargs=meeting, get=allow(MEMBERS, 302),
            post={**allow({"trainee", "trainer", "lead"}, {302, 422}), **dict.fromkeys(("evaluator", "operator"), 403)},
        ),
        "live:kept_acts": Row(post={**dict.fromkeys(("anonymous", "deactivated"), 401), "*": 400}),
        "live:answer_by_link": Row(
            kwargs=lambda world: {"token": world.answer_token}, get=everyone(200), post=everyone({302, 422}),
        ),
        "live:answer_link_cut": Row(get=everyone(404), post=everyone(404)),
        "live:who_comes": Row(kwargs=meeting, get=host, post=host_post),
        "live:who_comes_file": Row(kwargs=meeting, get=host),
        "live:materials": Row(kwargs=meeting, get=host, post=host_post),
        "live:material": Row(kwargs=material, get=host, post=host_post),
        "live:material_act": Row(kwargs=material, post={**host_post, **{key: {302, 400, 404, 422} for key in HOSTS}}),
        # one meeting, a series
        "live:agenda_sheet": Row(kwargs=meeting, get=member),
        "live:cue_sheet": Row(kwargs=meeting, get=host),
        "live:rehearsal": Row(kwargs=meeting, get=host),
        "live:outcomes": Row(kwargs=meeting, get=host, post=host_post),
        "live:outcome": Row(kwargs=outcome, get=host, post=host_post),
        "live:outcome_done": Row(kwargs=outcome, post=host_post),
        "live:people_by_country": Row(kwargs=meeting, post=host_post),
        "live:plan_series": Row(get=teaching, post=allow(ALL_HOSTS, {200, 302, 404, 422})),
        "live:move": Row(kwargs=meeting, get=host, post=host_post),
        "live:announce": Row(kwargs=meeting, get=host, post=host_post),
        # selection: nobody of the cohort but those who run it knows that there is one
        "live:selection": Row(kwargs=preparatory, get=chosen),
        "live:criteria": Row(kwargs=preparatory, get=chosen, post=chosen_post),
        "live:criteria_usual": Row(kwargs=preparatory, post=chosen_post),
        "live:criterion": Row(kwargs=criterion, get=chosen, post=chosen_post),
        "live:criterion_act": Row(kwargs=criterion, post=allow(HOSTS, {302, 400, 404, 409, 422})),
        "live:candidate": Row(
            kwargs=of("preparatory", enrollment=lambda world: world.candidate.pk), get=chosen, post=chosen_post
        ),
        "live:selection_apply": Row(
            kwargs=preparatory, get={**allow({"lead", "operator"}, 200), "trainer": 403},
            post={**allow({"lead", "operator"}, {302, 409, 422}), "trainer": 403},
        ),
        # rotation
        "live:lead_groups": Row(get=readers, post=lead_post),
        "live:lead_group": Row(kwargs=group, get=readers, post=lead_post),
        "live:lead_group_add": Row(kwargs=group, post=lead_post),
        "live:lead_group_remove": Row(kwargs=of("group", member=lambda world: world.member.pk), get=lead, post=lead_post),
        "live:lead_group_leave": Row(kwargs=group, get=lead, post=lead_post),
        "live:year_now": Row(get=readers),
        "live:year": Row(kwargs={"year": 2088}, get=readers),
        "live:year_propose": Row(kwargs={"year": 2088}, get=lead, post=asked),
        "live:year_dates": Row(kwargs={"year": 2088}, get=lead, post=lead_post),
        **{f"live:{name}": Row(kwargs=quarter, get=lead, post=lead_post) for name in ("slot_assign", "slot_swap", "slot_decline")},
        "live:duty_invite": Row(kwargs=quarter, get=lead, post=asked),
        "live:slot_accept": Row(kwargs=quarter, post=lead_post),
        "live:duties": Row(kwargs=quarter, get=lead),
        "live:duty_act": Row(kwargs={**quarter, "act": "topic"}, post=lead_post),
        # who needs a word
        "curriculum:attention": Row(get=teaching),
        "curriculum:attention_message": Row(post=allow(ALL_HOSTS, 422)),
    }  # fmt: skip
