"""Somebody with the whole database tries to tie answers to people, by order and by what is left in the files.

200 people answer through the door, each right after opening the form, which is the easiest case for the attack. Runs on SQLite here
and on PostgreSQL through tests/servers/test_anonymity_on_postgresql.py. The control writes person and answers in one transaction
and never seals: the same attack finds it.
"""

import random
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from evaluations import anonymous
from evaluations.models import AnonymousResponse, Asked, Wave
from tests.evaluations.anonymous_people import filled, open_wave

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(600)]
PEOPLE, CHANCE = 200, 8  # a blind pairing of 200 hits 1 on average, and more than 8 once in a million
POSTGRESQL = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
ORDERS = ("xmin::text::bigint", "ctid", "id") if POSTGRESQL else ("rowid", "id")
RESPONSE, ASKED = AnonymousResponse._meta.db_table, Asked._meta.db_table


# --- the attack -------------------------------------------------------------------------------------------------------


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def answers_by(order):
    """The number that each response holds (its person's, which only the test knows), in an order of the database."""
    column = "(answers->>'rating')::int" if POSTGRESQL else "json_extract(answers, '$.rating')"
    return [number for (number,) in rows(f"SELECT {column} FROM {RESPONSE} ORDER BY {order}")]


def people_by(sql, numbers):
    return [numbers[person] for (person,) in rows(sql) if person in numbers]


def traces(here):
    """Every order of people that the database holds beside the answers: who opened, who signed in, whose web session came when."""
    by_enrollment = {enrollment.pk: n for n, enrollment in enumerate(here.enrollments)}
    by_user = {enrollment.user_id: n for n, enrollment in enumerate(here.enrollments)}
    found = {
        f"asked by {order}": people_by(f"SELECT enrollment_id FROM {ASKED} ORDER BY {order}", by_enrollment) for order in ORDERS
    }
    found["asked as the file has it"] = people_by(f"SELECT enrollment_id FROM {ASKED}", by_enrollment)
    found["last sign-in"] = people_by("SELECT id FROM lms_user ORDER BY last_login", by_user)
    found["by number"] = list(range(PEOPLE))
    return found


def attack(here):
    """`{way: people rightly tied}` over all pairs of an order of people and an order of responses, and by neighbouring `xmin`."""
    orders = {order: answers_by(order) for order in (*ORDERS, "day", "day, language")}
    hits = {}
    for way, people in traces(here).items():
        for order, numbers in orders.items():
            hits[f"{way} / responses by {order}"] = sum(a == b for a, b in zip(people, numbers, strict=False))
    if POSTGRESQL:
        hits["xmin within 3"] = neighbours(here)
    return hits


def neighbours(here):
    """People whose row has exactly one response written within three transactions of it, if it is theirs."""
    sql = (
        f"SELECT a.enrollment_id, count(*), min((r.answers->>'rating')::int) FROM {ASKED} a JOIN {RESPONSE} r"
        " ON abs(a.xmin::text::bigint - r.xmin::text::bigint) <= 3 GROUP BY 1"
    )
    own = {enrollment.pk: n for n, enrollment in enumerate(here.enrollments)}
    return sum(count == 1 and own[person] == number for person, count, number in rows(sql))


def dead_bytes():
    """All that the database's files hold of the three tables and their indexes, dead rows included."""
    if not POSTGRESQL:
        name = connection.settings_dict["NAME"]
        return b"".join(path.read_bytes() for path in (Path(name), Path(f"{name}-wal")) if path.exists())
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    tables = ", ".join(f"'{table}'::regclass" for table in (RESPONSE, ASKED, Wave._meta.db_table))
    relations = (
        f"SELECT oid FROM pg_class WHERE oid IN ({tables}) UNION SELECT indexrelid FROM pg_index WHERE indrelid IN ({tables})"
        f" UNION SELECT reltoastrelid FROM pg_class WHERE oid IN ({tables}) AND reltoastrelid > 0"
    )
    return b"".join(bytes(one) for (one,) in rows(f"SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM ({relations}) r"))


# --- what is attacked -------------------------------------------------------------------------------------------------


def answered_wave():
    here = open_wave(PEOPLE)
    for n in random.sample(range(PEOPLE), PEOPLE):
        client = here.client(n)
        assert client.get(here.url).status_code == 200
        assert client.post(here.url, filled(rating=n)).status_code == 302
    return here


def one_transaction_wave():
    """How it must not be done."""
    here = open_wave(PEOPLE)
    for n in random.sample(range(PEOPLE), PEOPLE):
        with transaction.atomic():
            Asked.objects.create(wave=here.wave, enrollment=here.enrollments[n], answered=True)
            AnonymousResponse.objects.create(wave=here.wave, day="2026-11-21", answers={"rating": n})
    return here


def test_after_the_seal_nobody_is_tied_beyond_chance():
    here = answered_wave()
    anonymous.mark_answered(here.wave)
    tokens = list(AnonymousResponse.objects.values_list("token", flat=True))
    secret, ids = Wave.objects.get().secret, list(AnonymousResponse.objects.values_list("pk", flat=True))
    assert secret.encode() in dead_bytes()
    before = attack(here)
    anonymous.seal(here.wave)
    after = attack(here)
    assert max(before.values()) > 100, "while it is open the order tells: that is what the form says, and that the attack sees"
    assert max(after.values()) <= CHANCE, {way: hits for way, hits in after.items() if hits > CHANCE}
    assert sorted(answers_by("id")) == list(range(PEOPLE))
    left = dead_bytes()
    assert secret.encode() not in left
    assert not [token for token in tokens if token.encode() in left]
    assert not [pk for pk in ids if pk.bytes in left or pk.hex.encode() in left]
    if POSTGRESQL:
        assert len(set(rows(f"SELECT xmin FROM {RESPONSE}") + rows(f"SELECT xmin FROM {ASKED}"))) == 1
        assert after["xmin within 3"] == 0
        assert not rows(
            "SELECT 1 FROM pg_stats WHERE tablename = 'evaluations_wave' AND most_common_vals::text LIKE '%" + secret + "%'"
        )
    assert Wave.objects.get().secret == ""


def test_the_attack_finds_the_control():
    here = one_transaction_wave()
    hits = attack(here)
    assert max(hits.values()) >= PEOPLE * 0.95
    if POSTGRESQL:
        assert max(hits for way, hits in hits.items() if "asked by xmin" in way and "by xmin" in way) >= PEOPLE * 0.95
