"""Who may reach which route of what happens live. Used by tests/lms/world.py: the cohort's people see its meetings, its trainers and
leads run them, an evaluator reads attendance, nobody else knows that there is one."""

from django.utils import timezone

MEMBERS = {"trainee", "trainer", "lead", "evaluator", "operator"}
HOSTS = {"trainer", "lead", "operator"}
READERS = {"trainer", "lead", "evaluator", "operator"}


def make_live(world):
    """A live meeting with a segment, a prepared poll, a deck without pages and somebody's mark."""
    from sessions import polling_questions
    from sessions.models import Attendance, Meeting, MeetingPerson, Segment, SlideDeck, TrainingSession

    now = timezone.now()
    world.meeting = TrainingSession.objects.create(
        cohort=world.cohort, title="Sesión 1", starts_at=now, started_at=now, state=Meeting.State.LIVE, minutes=90
    )
    world.segment = Segment.objects.create(meeting=world.meeting, title="Bienvenida", minutes=5)
    world.poll = polling_questions.prepare_poll(
        world.meeting, kind="single-choice", text="¿Cuál?", choices=["Uno", "Dos"], promise="anonymous"
    )
    world.deck = SlideDeck.objects.create(meeting=world.meeting, title="Diapositivas", by=world.people["trainer"])
    world.attendance = Attendance.objects.create(meeting=world.meeting, user=world.people["trainee"], status="partly")
    world.guest = MeetingPerson.objects.create(meeting=world.meeting, user=world.people["trainee"], part="participant")


def rows(Row, allow, everyone, signed_in):
    """The rows, in terms of the helpers of tests/lms/world.py."""
    host = {**allow(HOSTS, {200, 302}), **dict.fromkeys(("trainee", "evaluator"), 403)}
    host_post = {**allow(HOSTS, {200, 302, 409, 422}), **dict.fromkeys(("trainee", "evaluator"), 403)}
    host_answer = {**allow(HOSTS, {200, 302, 404, 409, 422}), **{key: {403, 404} for key in ("trainee", "evaluator")}}
    member = allow(MEMBERS, 200)
    json_member = {**allow(MEMBERS, 200), **{key: {401, "login"} for key in ("anonymous", "deactivated")}}
    reader = {**allow(READERS, 200), "trainee": 403}
    marker = {**allow(HOSTS, {302, 409, 422}), **dict.fromkeys(("trainee", "evaluator"), 403)}

    def meeting(world):
        return {"pk": world.meeting.pk}

    def of(**more):
        return lambda world: {"pk": world.meeting.pk, **{name: find(world) for name, find in more.items()}}

    person = of(person=lambda world: world.people["trainee"].pk)
    segment = of(segment=lambda world: world.segment.pk)
    poll = of(poll=lambda world: world.poll.pk)
    deck = of(deck=lambda world: world.deck.pk)
    return {
        # what everybody of the meeting sees
        "live:meetings": Row(get=signed_in),
        "live:meeting": Row(kwargs=meeting, get=member),
        "live:calendar": Row(kwargs=meeting, get=member),
        "live:room": Row(kwargs=meeting, get=member),
        "live:state": Row(kwargs=meeting, get=json_member),
        "live:chat_before": Row(kwargs=meeting, get=allow(MEMBERS, {200, 404})),
        "live:act": Row(
            kwargs=meeting, get=allow(MEMBERS, {302, 405}),
            post={**allow(MEMBERS, {302, 422}), **{key: {401, "login"} for key in ("anonymous", "deactivated")}},
        ),
        "live:deck": Row(kwargs=deck, get=allow(MEMBERS, {200, 404})),
        "live:slide": Row(kwargs=of(deck=lambda world: world.deck.pk, page=lambda world: 1), get=allow(set(), 404)),
        "live:slide_text": Row(kwargs=of(deck=lambda world: world.deck.pk, page=lambda world: 1), get=allow(set(), 404)),
        "live:transcript": Row(kwargs=meeting, get=member),
        "live:transcript_pdf": Row(kwargs=meeting, get=member),
        "live:transcript_json": Row(kwargs=meeting, get=member),
        "live:board_summary": Row(kwargs=meeting, get=member),
        "live:board_draft": Row(kwargs=meeting, post=host_answer),
        "live:devices": Row(kwargs=meeting, get=member),
        "live:conference_join": Row(kwargs=meeting, get=allow(MEMBERS, {200, 302, 404, 409})),
        "live:conference_stays": Row(kwargs=meeting, post=host_answer),
        "live:conference_hook": Row(kwargs={"key": "zoom"}, post=everyone(404)),
        "live:recording": Row(kwargs=meeting, get=allow(MEMBERS, {200, 302}), post=allow(MEMBERS, {302, 403, 409, 422})),
        "live:check_in": Row(
            kwargs=meeting, get={**allow(MEMBERS, {200, 302}), "evaluator": 403},
            post={**allow({"trainee"}, {200, 302, 409, 422}), **dict.fromkeys(HOSTS | {"evaluator"}, 403)},
        ),
        "live:attendance_mine": Row(get=signed_in),
        # those who run it
        "live:new": Row(
            get=allow(HOSTS | {"other_lead"}, 200), post=allow(HOSTS | {"other_lead"}, {200, 422}), data={"title": ""},
        ),
        **{f"live:{name}": Row(kwargs=meeting, get=host, post=host_post) for name in ("edit", "cancel", "run_of_show", "poll_new", "slides", "people")},
        **{f"live:{name}": Row(kwargs=meeting, get=host) for name in ("polls", "control", "projector", "hall", "check_in_sign")},
        **{f"live:{name}": Row(kwargs=meeting, post=host_post) for name in ("run_of_show_template", "plan_groups", "check_in_code")},
        "live:segment": Row(kwargs=segment, get=host, post=host_post),
        "live:segment_act": Row(kwargs=segment, post=host_answer),
        "live:poll_edit": Row(kwargs=poll, get=host, post=host_post),
        "live:poll_remove": Row(kwargs=poll, post=host_answer),
        "live:slides_remove": Row(kwargs=deck, post=host_answer),
        "live:person_remove": Row(kwargs=person, post=host_answer),
        # attendance: evaluators read, trainers and leads correct
        "live:attendance": Row(kwargs=meeting, get=reader),
        "live:attendance_sheet": Row(kwargs=meeting, get=reader),
        "live:cohort_attendance": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=reader),
        "live:cohort_attendance_sheet": Row(kwargs=lambda world: {"pk": world.cohort.pk}, get=reader),
        "live:attendance_mark": Row(kwargs=person, get=reader, post=marker),
        "live:attendance_undo": Row(kwargs=person, post=marker),
        "live:attendance_hall": Row(kwargs=person, post=marker),
        "live:attendance_import": Row(
            kwargs=meeting, get={**allow(HOSTS, {200, 409}), **dict.fromkeys(("trainee", "evaluator"), 403)}, post=marker
        ),
    }  # fmt: skip
