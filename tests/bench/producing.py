"""A process that performs acts at a fixed rate, as page workers do. Reads a number of seconds, answers how many acts it did."""

import sys
import time

from django.contrib.auth import get_user_model

from sessions import room
from sessions.models import Meeting
from sessions.seats import seat_for
from tests.bench.fanout import TEXT


def run(meeting, user, rate):
    seat = seat_for(get_user_model().objects.get(pk=user), Meeting.objects.get(pk=meeting))
    print("ready", flush=True)
    for line in sys.stdin:
        print(_perform(seat, rate, float(line)), flush=True)


def _perform(seat, rate, seconds):
    begin, done, run = time.monotonic(), 0, f"{int(time.time() * 1000) % 10**9:09d}"
    while (elapsed := time.monotonic() - begin) < seconds:
        while done < elapsed * rate:
            operation = {"t": "op", "cid": f"p{run}{done:06d}", "st": "main", "k": "chat.post", "b": {"text": TEXT}}
            room.perform(seat, operation)
            done += 1
        time.sleep(0.005)
    return done
