"""Anonymous waves: while one is open the operator could link, once it is sealed nobody can.

The construction: opening the form and sending it are two transactions with nothing in common but a token, an HMAC of the wave's
secret and the enrolment, which stands beside the answers and never beside the person. Whether somebody has answered is marked in
batches, for reminders. `seal` deletes the secret and the tokens, and writes both tables anew in random order in one transaction
(PostgreSQL's `xmin` and `ctid`, SQLite's `rowid` say nothing then); `sweep` removes the dead rows from the files. What stays out of
our hands: write-ahead logs and backups until they expire, and a dump that was running at that moment.
"""

import hashlib
import hmac
import logging
import random
import secrets

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Enrollment
from evaluations import wave_hours
from evaluations.answering import require_studying
from evaluations.models import AnonymousResponse, Asked, Instrument, Wave
from evaluations.refusals import Closed, NotAllowed, Refused

logger = logging.getLogger(__name__)

CHANCE = random.SystemRandom()
# Stands in the place of the secret of a sealed wave until its dead rows are swept.
SWEEPING = "sweep"


# --- who may answer ---------------------------------------------------------------------------------------------------


def enrollment_in(wave, user):
    """The person's enrolment in the wave's cohort, whatever its role and state, or `None`."""
    return Enrollment.objects.select_related("user").filter(user=user, cohort=wave.cohort_id).first()


def require_may_answer(wave, enrollment, now=None):
    """Raises `NotAllowed` (not one of those who are asked, or paused), `Closed`, or `Refused` (not open yet in the person's zone)."""
    if enrollment is None or not wave_hours.asks(wave, enrollment):
        raise NotAllowed(_("This questionnaire is put to other people. If it should be put to you, write to your trainer."))
    require_studying(enrollment)
    state = wave_hours.hours_of(wave, enrollment.user).state(now)
    if state in ("early", "closed"):
        raise (Closed if state == "closed" else Refused)(wave_hours.shut_because(wave, enrollment.user, now))


# --- while it is open -------------------------------------------------------------------------------------------------


def open_form(wave, enrollment):
    """Notes, once, that the person was given the form. Raises as `require_may_answer` does.

    The instrument is locked here and not by the first answer: the instant of the lock must say nothing about an answer.
    """
    if Asked.objects.filter(wave=wave, enrollment=enrollment).exists():
        return
    with transaction.atomic():
        wave = _hold(wave)
        require_may_answer(wave, enrollment)
        _secret_of(wave)
        Instrument.objects.filter(pk=wave.instrument_id, locked_at__isnull=True).update(locked_at=timezone.now())
        Asked.objects.bulk_create([Asked(wave=wave, enrollment=enrollment)], ignore_conflicts=True)


def submit(wave, enrollment, answers, language):
    """Stores `answers` (`{question key: clean value}`), in place of what the person sent before. Nothing else is written.

    Raises as `require_may_answer` does. One statement without an error path: PostgreSQL's log repeats statements that fail.
    """
    with transaction.atomic():
        wave = _hold(wave)
        require_may_answer(wave, enrollment)
        row = AnonymousResponse(
            wave=wave, token=_token(_secret_of(wave), enrollment.pk), day=_today(), language=language or "", answers=answers
        )
        AnonymousResponse.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["wave", "token"], update_fields=["day", "language", "answers"]
        )


def has_sent(wave, enrollment):
    """Whether answers of this person are there; known only while the wave is open."""
    if not _is_open(wave):
        return False
    return AnonymousResponse.objects.filter(wave=wave, token=_token(wave.secret, enrollment.pk)).exists()


def mark_answered(wave):
    """Marks who has answered, in batches of at least the smallest group, in random order. For reminders, and only while it is open.

    Returns `{"asked": given the form, "answered": marked so far}`. Up to four people who have answered may not be marked yet: a
    reminder has to say that it may have crossed with the answers.
    """
    with transaction.atomic():
        wave = _hold(wave)
        arrived = set(AnonymousResponse.objects.filter(wave=wave).values_list("token", flat=True)) if _is_open(wave) else set()
        waiting = Asked.objects.filter(wave=wave, answered=False).values_list("pk", "enrollment_id")
        new = [pk for pk, enrollment_id in waiting if arrived and _token(wave.secret, enrollment_id) in arrived]
        if len(new) >= settings.MIN_GROUP_SIZE:
            CHANCE.shuffle(new)
            for pk in new:
                Asked.objects.filter(pk=pk).update(answered=True)
    asked = Asked.objects.filter(wave=wave)
    return {"asked": asked.count(), "answered": asked.filter(answered=True).count()}


# --- when it closes ---------------------------------------------------------------------------------------------------


def seal(wave, now=None):
    """Closes the wave for everybody and cuts what ties answers to people. Running it again, or after a crash, is safe.

    Afterwards `Asked` holds all who are asked, whether they opened the form or not; days are that of the closing; and languages
    are kept only if each is that of a group. The files are swept after the commit (`sweep`).
    """
    if connection.vendor == "sqlite":
        _run("PRAGMA secure_delete = ON")
    with transaction.atomic():
        wave = Wave.objects.select_for_update().get(pk=wave.pk, promise=Wave.Promise.ANONYMOUS)
        if wave.closed_at is None or _is_secret(wave.secret) or not Asked.objects.filter(wave=wave).exists():
            _write_asked_anew(wave)
            _write_responses_anew(wave)
            Wave.objects.filter(pk=wave.pk).update(secret=SWEEPING, closed_at=wave.closed_at or now or timezone.now())
        transaction.on_commit(sweep)


def figures(wave):
    """`{question key: [values]}` of a closed wave, each list in an order of its own; `{}` while it is open or for too small a group."""
    wave = Wave.objects.get(pk=wave.pk)
    rows = list(AnonymousResponse.objects.filter(wave=wave).values_list("answers", flat=True)) if wave.closed_at else []
    found = {}
    if len(rows) >= settings.MIN_GROUP_SIZE and not _is_secret(wave.secret):
        for answers in rows:
            for key, value in answers.items():
                found.setdefault(key, []).append(value)
    for values in found.values():
        CHANCE.shuffle(values)
    return found


def _write_asked_anew(wave):
    asked = Asked.objects.filter(wave=wave).values_list("enrollment_id", flat=True)
    audience = Enrollment.objects.filter(
        cohort=wave.cohort_id, role=Enrollment.Role.TRAINEE, status__in=wave_hours.states_asked(wave)
    ).values_list("pk", flat=True)
    people = {*asked, *audience}
    people = CHANCE.sample(sorted(people), len(people))
    Asked.objects.filter(wave=wave).delete()
    Asked.objects.bulk_create([Asked(wave=wave, enrollment_id=pk) for pk in people])


def _write_responses_anew(wave):
    rows = list(AnonymousResponse.objects.filter(wave=wave).values_list("answers", "language"))
    CHANCE.shuffle(rows)
    spoken = [language for _answers, language in rows]
    kept = all(spoken.count(language) >= settings.MIN_GROUP_SIZE for language in set(spoken))
    AnonymousResponse.objects.filter(wave=wave).delete()
    AnonymousResponse.objects.bulk_create(
        [
            AnonymousResponse(wave=wave, day=_today(), language=language if kept else "", answers=answers)
            for answers, language in rows
        ]
    )


# --- what the files still hold ----------------------------------------------------------------------------------------


def sweep():
    """Removes the dead rows of sealed waves (with tokens and secrets) from the database's files. Says whether nothing is left to do.

    Rewrites the three tables and their statistics; a failure is logged and tried again at the next call (the worker's clock).
    """
    waves = list(Wave.objects.filter(secret=SWEEPING).values_list("pk", flat=True))
    if not waves:
        return True
    if connection.in_atomic_block:
        return False
    try:
        swept = _vacuum_postgresql() if connection.vendor == "postgresql" else _vacuum_sqlite()
    except DatabaseError as error:
        logger.warning("Dead rows of sealed anonymous waves were not swept; the next try follows: %s", type(error).__name__)
        return False
    if swept:
        Wave.objects.filter(pk__in=waves).update(secret="")
    return swept


def _vacuum_postgresql():
    """A table that belongs to another role is skipped by PostgreSQL with a mere notice: then its file stays the same."""
    skipped = []
    _run("SET statement_timeout = 0")
    try:
        for table in (model._meta.db_table for model in (AnonymousResponse, Asked, Wave)):
            before = _run("SELECT pg_relation_filenode(%s::regclass)", table)
            _run(f'VACUUM (FULL, ANALYZE) "{table}"')
            if _run("SELECT pg_relation_filenode(%s::regclass)", table) == before:
                skipped.append(table)
    finally:
        _run("RESET statement_timeout")
    if skipped:
        logger.error("Dead rows of sealed anonymous waves stay: the database user does not own %s", ", ".join(skipped))
    return not skipped


def _vacuum_sqlite():
    """Writes the file anew and empties the write-ahead log, where old pages would survive."""
    _run("VACUUM")
    busy, *_pages = _run("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        logger.warning("Somebody reads the write-ahead log; dead rows of sealed anonymous waves are swept at the next try")
    return not busy


def _run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchone() if cursor.description else None


# --- tokens -----------------------------------------------------------------------------------------------------------


def _hold(wave):
    """The wave as it is now, held until the transaction ends: nothing is sent while it is sealed."""
    waves = Wave.objects.select_for_update(of=("self",), no_key=True).select_related("cohort")
    return waves.get(pk=wave.pk, promise=Wave.Promise.ANONYMOUS)


def _secret_of(wave):
    """The secret of a wave that is held, made when it is first needed."""
    if not wave.secret:
        wave.secret = secrets.token_hex(32)
        Wave.objects.filter(pk=wave.pk).update(secret=wave.secret)
    return wave.secret


def _token(secret, enrollment_id):
    return hmac.new(bytes.fromhex(secret), str(enrollment_id).encode(), hashlib.sha256).hexdigest()


def _is_secret(text):
    return bool(text) and text != SWEEPING


def _is_open(wave):
    return wave.closed_at is None and _is_secret(wave.secret)


def _today():
    """By UTC: a person's own day would tell their part of the world."""
    return timezone.now().date()
