"""A second door to a running site's rooms, for tests in browsers: one process with Django on the site's database that answers at once.

In the test: `with Backstage(site) as desk: desk.act(meeting, email, "chat.post", {"text": "Hola"})`. In its own process
(`python -m tests.browser.backstage`) it reads a JSON list `[name, arguments]` per line and prints what the function of that name gives.
"""

import json
import subprocess
import sys
import traceback
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-room-of-ones-own"


class Refused(Exception):
    """The act was refused; `args[0]` is the reason's code."""


class Backstage:
    def __init__(self, site):
        command = [sys.executable, "-m", "tests.browser.backstage"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.process.stdin.close()
        self.process.wait(20)

    def __getattr__(self, name):
        def call(*args, **kwargs):
            self.process.stdin.write(json.dumps([name, args, kwargs]) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            if "refused" in answer:
                raise Refused(answer["refused"])
            assert "failed" not in answer, answer["failed"]
            return answer["gives"]

        return call


# --- in the process of its own -----------------------------------------------------------------------------------------


def serve():
    import django

    django.setup()
    from sessions.refusals import Refusal
    from tests.browser import planning_rows

    calls = CALLS | planning_rows.CALLS
    for line in sys.stdin:
        name, args, kwargs = json.loads(line)
        try:
            answer = {"gives": calls[name](*args, **kwargs)}
        except Refusal as refusal:
            answer = {"refused": refusal.why}
        except Exception:
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def training(people, segments=(), title="Sala de prueba", minutes=60, **fields):
    """A session in a cohort of its own. `people` is {name: (role, country, language, zone)}, `segments` [(title, kind, minutes)].

    Gives {"meeting", "cohort", "users": {name: id}}; somebody's address is their name in small letters @room.example.org.
    """
    from django.utils import timezone

    from curriculum.models import Cohort, Enrollment
    from sessions.models import TrainingSession

    like, today = Cohort.objects.get(name="LATAM 2026"), timezone.localdate()
    cohort = Cohort.objects.create(
        name=f"Cohorte {uuid.uuid4().hex[:6]}", curriculum_key=like.curriculum_key, starts_on=today, ends_on=today, capacity=50,
        status="running",
    )  # fmt: skip
    users = {name: _user(name, *about[1:]) for name, about in people.items()}
    for name, (role, *_about) in people.items():
        Enrollment.objects.create(user=users[name], cohort=cohort, role=role, status="enrolled")
    meeting = TrainingSession.objects.create(
        cohort=cohort, title=title, starts_at=timezone.now(), minutes=minutes, state="scheduled", **fields
    )
    return _made(meeting, users, segments, cohort=cohort.pk)


def regional(hosts, people, segments=(), title="Encontro regional", **fields):
    """A meeting of mentors, led by `hosts`; both are {name: (country, language, zone)}. Gives as `training`."""
    from django.utils import timezone

    from sessions.models import MeetingPerson, RegionalMeeting

    users = {name: _user(name, *about) for name, about in {**hosts, **people}.items()}
    meeting = RegionalMeeting.objects.create(title=title, starts_at=timezone.now(), minutes=90, state="scheduled", **fields)
    for name, user in users.items():
        MeetingPerson.objects.create(meeting=meeting, user=user, part="host" if name in hosts else "participant")
    return _made(meeting, users, segments)


def _made(meeting, users, segments, **more):
    from sessions.models import Segment

    for order, (title, kind, minutes) in enumerate(segments):
        Segment.objects.create(meeting_id=meeting.pk, title=title, kind=kind, minutes=minutes, order=order)
    return {"meeting": meeting.pk, "users": {name: user.pk for name, user in users.items()}, **more}


def _user(name, country="MX", language="es", zone="America/Mexico_City"):
    from allauth.account.models import EmailAddress
    from django.utils import timezone

    from lms.models import User

    email = f"{name.lower()}@room.example.org"
    user, made = User.objects.get_or_create(
        email=email, defaults={"full_name": f"{name} Prueba", "country": country, "language": language, "time_zone": zone}
    )
    if made:
        user.set_password(PASSWORD)
        user.profile_completed_at = timezone.now()
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _meeting(pk):
    from sessions.models import Meeting

    return Meeting.objects.get(pk=pk)


def act(meeting, name, kind, body=None, st="main"):
    """The act as that person; the number of its event."""
    from lms.models import User
    from sessions import room
    from sessions.seats import seat_for

    seat = seat_for(User.objects.get(email=f"{name.lower()}@room.example.org"), _meeting(meeting))
    return room.perform(seat, {"t": "op", "cid": str(uuid.uuid4()), "st": st, "k": kind, "b": body or {}}).frame().get("s")


def state(meeting, st="main"):
    """What everybody should see: {"s", "state", "tallies": {"kind:id": n}}."""
    from sessions import room, tallies

    seq, folded = room.snapshot(room.stream_of(meeting, st))
    counts = {f"{one.kind}:{one.id}": one.n for one in tallies.current(meeting)}
    return {"s": seq, "state": folded, "tallies": counts}


def times_kept(cids):
    """{cid: how often the logs hold it}."""
    from sessions.models import Event

    logged = list(Event.objects.filter(cid__in=cids).values_list("cid", flat=True))
    return {cid: logged.count(cid) for cid in cids}


def holes(meeting):
    """Streams whose numbers are not 1, 2, 3 … without a gap."""
    streams = _meeting(meeting).streams.all()
    return [
        one.name
        for one in streams
        if [*one.events.order_by("seq").values_list("seq", flat=True)] != [*range(1, one.last_seq + 1)]
    ]


def places_of(words):
    """Every field of every row of the site that holds these words."""
    from django.apps import apps

    found = []
    for model in apps.get_models():
        for row in model._base_manager.all().values():
            found += [f"{model._meta.label}.{name}" for name, value in row.items() if words in str(value)]
    return found


def marks(meeting):
    """{name: {"status", "source", "seconds"}} of the attendance, worked out by the command that the clock runs."""
    from django.core.management import call_command

    from sessions.models import Attendance

    call_command("reconcile_attendance", stdout=sys.stderr)
    rows = Attendance.objects.filter(meeting_id=meeting).select_related("user")
    return {row.user.full_name.split()[0]: {"status": row.status, "source": row.source, "seconds": row.seconds} for row in rows}


def lasted(meeting):
    """Seconds from the start to the end."""
    one = _meeting(meeting)
    return (one.ended_at - one.started_at).total_seconds()


def draft_of(meeting):
    """{"live", "title", "body"} of the page for the library that was made from the board, or `None`."""
    from sessions import board_page

    page = board_page.existing(_meeting(meeting))
    return page and {"live": page.live, "title": page.title, "body": str(page.specific.body)}


CALLS = {one.__name__: one for one in (training, regional, act, state, times_kept, holes, places_of, marks, lasted, draft_of)}

if __name__ == "__main__":
    serve()
