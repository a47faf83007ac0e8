"""The clock of a running server steps by an hour and by a day, forward and back: local hours stay right, reminders go once, presence is
as long as it really was, and no page breaks. libfaketime steps it live; asyncio's monotonic clock is left alone."""

import datetime
import glob
import http.client
import json
import os
import subprocess
import sys
import time
import zoneinfo

import pytest

from tests.faults.holding import Holder
from tests.servers.room_servers import HOST, ROOT, RoomServers

STEPS = ("+0", "+1h", "-1h", "+1d", "-1d", "+0")
MEXICO, LONDON = "America/Mexico_City", "Europe/London"
PAGES = ("", "{coming}/", "{live}/", "{live}/room/", "{coming}/move/", "plan/?cohort={cohort}")
DUTIES = (
    "remind",
    "deliver_messages",
    "end_forgotten_meetings",
    "reconcile_attendance",
    "keep_wall_clocks",
    "bring_calendars_up_to_date",
)
MINUTES = 90
LONGEST = 600  # seconds; the whole run takes less, however far the clock went
AWAY = 50  # seconds; longer than a lease
ALLOWED = 5  # seconds that presence may be off: signs of life are kept to the second


def library():
    """libfaketime; in CI a missing one is an error, on a laptop the test is skipped with the reason."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if found:
        return found[0]
    message = "libfaketime is not installed: this test needs it (Debian: faketime)"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


@pytest.mark.timeout(300)
def test_a_clock_that_steps(tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "EMAIL_URL": "dummymail://", "DEBUG": "1",  # static files without collecting them
    }  # fmt: skip
    with RoomServers(processes=1, laptop=True, settings=faked) as servers:
        here = ask(servers, "fill()")
        statuses, hours, wrong, states, left_at = [], set(), [], [], 0.0
        holder = Holder(servers, here["live"], here["holder"])
        for number, step in enumerate(STEPS):
            if number == len(STEPS) - 1:  # a clock that is back sooner has a gap in presence that looks like a reconnect
                time.sleep(max(0, left_at + AWAY - time.monotonic()))
            clock.write_text(step)
            left_at = left_at or (number and time.monotonic())
            found = ask(servers, f"live_through({here['live']}, {here['left']}, {here['trainee']}, {here['user']})")
            for page in PAGES:
                status, text = get(servers, here, page)
                statuses.append((step, page, status))
                if page == "{coming}/":
                    hours.add(here["hour"] in text and "(London)" in text)
            wrong += [] if found["reminders"] <= 1 else [(step, found)]
            states.append((step, found["live"], found["left"]))
            print(f"  {step:>5}: {found}")
        clock.write_text("+0")
        really = holder.leave()
        end = ask(servers, f"end({here['live']}, {here['trainee']}, {here['user']}, {here['holder']['user']})")
    print(f"  somebody was in the room for {really:.1f} s, in {holder.times} connections")
    print(f"  at the end: {end}")
    assert [one for one in statuses if one[2] >= 400] == []
    assert hours == {True}
    assert not wrong and end["reminders"] == 1
    assert 0 <= end["seconds"] <= LONGEST
    assert really > 2 * len(STEPS) and end["backwards"] == 0
    assert abs(end["leases"] - really) <= ALLOWED
    assert abs(end["attended"] - really) <= ALLOWED
    # Deadlines are read off the rows and the wall clock: a room that is in use goes on whatever the clock says, and what was planned to
    # be over long ago ends when nobody is in it, as after a night in which the machine slept. The clock going back revives nothing.
    assert {live for _step, live, _left in states} == {"live"}
    assert [left for _step, _live, left in states] == ["live", "live", "live", "ended", "ended", "ended"]
    assert end["moved"] == 0


def test_control_the_clock_did_step(tmp_path):
    """Without the library nothing above would be shown: a process under it sees another day."""
    clock = tmp_path / "clock"
    clock.write_text("+1d")
    environment = {**os.environ, "LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    code = "import datetime; print(datetime.datetime.now(datetime.UTC).isoformat())"
    seen = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    ahead = datetime.datetime.fromisoformat(seen) - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(hours=23) < ahead < datetime.timedelta(hours=25)


def get(servers, here, page):
    connection = http.client.HTTPConnection(HOST, servers.front, timeout=60)
    path = "/en/live/" + page.format(**here)
    connection.request(
        "GET", path, headers={"Cookie": here["cookie"], "Accept-Language": "en", "Host": f"{HOST}:{servers.front}"}
    )
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def ask(servers, call):
    code = f"import json, django; django.setup(); from tests.faults import test_clock; print(json.dumps(test_clock.{call}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=servers.environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


# --- in a process of its own, with Django and the stepped clock ---------------------------------------------------------


def fill():
    """A meeting in thirty hours and one under way; a lead in London who is in both."""
    from django.utils import timezone

    from sessions import schedule
    from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
    from tests.sessions.rooms import meeting_of

    cohort = CohortFactory()
    lead = EnrollmentFactory(cohort=cohort, role="lead", user=UserFactory(time_zone=LONDON, country="GB", language="en")).user
    starts = (timezone.now() + datetime.timedelta(hours=30)).replace(minute=30, second=0, microsecond=0)
    coming = schedule.create("training", lead, cohort=cohort, title="Coming", starts_at=starts, time_zone=MEXICO, engine="none")
    trainee = EnrollmentFactory(cohort=cohort, user=UserFactory(time_zone=MEXICO)).user
    days = datetime.timedelta(days=2)  # wide enough for presence of any clock to count
    live = meeting_of(cohort, "live", title="Live", minutes=MINUTES, engine="none", started_at=timezone.now() - days)
    left = meeting_of(cohort, "live", title="Left", minutes=MINUTES, engine="none", started_at=timezone.now())
    holder = EnrollmentFactory(cohort=cohort, user=UserFactory(time_zone=MEXICO), enrolled_at=timezone.now() - days).user
    return {
        "coming": coming.pk, "live": live.pk, "left": left.pk, "cohort": cohort.pk, "user": lead.pk, "trainee": trainee.pk,
        "cookie": cookie_of(lead), "holder": {"user": holder.pk, "cookie": cookie_of(holder)},
        "hour": starts.astimezone(zoneinfo.ZoneInfo(LONDON)).strftime("%H:%M"),
    }  # fmt: skip


def cookie_of(user):
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"sessionid={client.cookies['sessionid'].value}"


def live_through(live, left, trainee, user):
    """Somebody is in the room, and all that falls due by the clock is done, twice."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from sessions import presence
    from sessions.models import Meeting
    from sessions.seats import seat_for

    seat = seat_for(get_user_model().objects.get(pk=trainee), Meeting.objects.get(pk=live))
    if seat is not None:
        presence.keep_polling(seat, "clock-tab-1")
    for _twice in range(2):
        for command in DUTIES:
            call_command(command, verbosity=0)
    states = dict(Meeting.objects.non_polymorphic().values_list("pk", "state"))
    return {**told(user), "live": states[live], "left": states[left]}


def told(user):
    from notifications.models import Message

    return {"reminders": Message.objects.filter(what="reminder_day", user=user).count(), "messages": Message.objects.count()}


def end(live, trainee, user, holder):
    from django.core.management import call_command
    from django.utils import timezone

    from sessions.models import Attendance, Lease, Meeting

    Meeting.objects.filter(pk=live, state="live").update(state="ended", ended_at=timezone.now() + datetime.timedelta(days=2))
    call_command("reconcile_attendance", verbosity=0)
    marked = dict(Attendance.objects.filter(meeting=live).values_list("user", "seconds"))
    lengths = [(one.seen_at - one.opened_at).total_seconds() for one in Lease.objects.filter(meeting=live, user=holder)]
    return {
        **told(user), "seconds": marked.get(trainee), "attended": marked.get(holder), "leases": round(sum(lengths), 1),
        "backwards": sum(one < 0 for one in lengths), "state": Meeting.objects.get(pk=live).state,
        "moved": Meeting.objects.filter(wall_start__gt="", sequence__gt=0).count(),
    }  # fmt: skip
