"""Lines that stand for one wave each: how people answered scaled items at that moment. Shared by levels 2, 4 and 5."""

from django.conf import settings
from django.db import connection
from django.db.models import TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import MD5, Cast
from django.utils.functional import lazy

from evaluations.models import AnonymousResponse, Answer
from evaluations.moore.counted import counting, through
from evaluations.moore.indicators.answered import asked_in, is_asked_once, points_of, questions, said
from evaluations.moore.indicators.base import Gathered, Item
from evaluations.moore.levels import in_all_languages
from evaluations.questions.likert import NOT_APPLICABLE
from evaluations.wave_plan import moment_words

MOST_TEXTS = 200
NOBODY_TOLD_APART = ("", "")  # anonymous answers carry neither country nor profession


def per_wave(scope, wants, wants_text=None):
    """One `Gathered` for each wave that asks what `wants`, in the order of the waves. Open ones have no items yet."""
    lines = []
    for counted in scope.waves:
        asked = [question for question in asked_in(scope, counted, wants) if is_asked_once(question)]
        if asked:
            lines.append(_line(scope, counted, asked, wants_text))
    return lines


def _line(scope, counted, asked, wants_text):
    items = [_item(question, _counts(scope, counted, question)) for question in asked] if counted.counts else []
    open_n = counted.answered if not counted.counts and counted.answered else None
    texts = _texts(counted, asked_in(scope, counted, wants_text)) if wants_text and counted.counts else []
    return Gathered(
        items=items, suffix=f"w{counted.wave.pk}", about=wave_words(counted.wave), source=counted.wave.instrument.title,
        promise=counted.wave.promise, waves=(counted,), people=counted.people, asked=scope.asked(counted.wave),
        as_of=counted.as_of, open_n=open_n, texts=texts,
    )  # fmt: skip


def wave_words(wave):
    """ "after session 3", in all languages."""
    return in_all_languages(lazy(moment_words, str)(wave.moment, wave.number))


def _item(question, counts):
    points = points_of(question)
    atoms, not_applicable = {}, {}
    for atom, table in counts.items():
        atoms[atom] = {now: people for (_before, now), people in table.items() if now is not None}
        not_applicable[atom] = sum(people for (_before, now), people in table.items() if now is None)
    return Item(
        key=question.key, label=question.text, construct=question.construct, atoms=atoms, not_applicable=not_applicable,
        scale=points, low=points[0]["value"], high=points[-1]["value"],
    )  # fmt: skip


def _counts(scope, counted, question):
    if counted.wave.anonymous:
        return {NOBODY_TOLD_APART: _said_anonymously(scope).get((counted.wave.pk, question.key), {})}
    return said(scope).get((counted.wave.pk, question.pk), {})


# --- anonymous waves -------------------------------------------------------------------------------------------------


def _said_anonymously(scope):
    """`{(wave id, question key): {(None, point or None): people}}`. One query for all anonymous waves."""
    return scope.once("said anonymously", lambda: _unpacked(scope))


def _unpacked(scope):
    waves = [counted.wave for counted in scope.waves if counted.wave.anonymous and counted.counts]
    known = {wave.pk: {question.key: points_of(question) for question in questions(scope)[wave.instrument_id]} for wave in waves}
    found = {}
    for wave, key, value, people in _rows([wave.pk for wave in waves]) if waves else ():
        point = _point(known[wave].get(key), value)
        if point != ():
            counts = found.setdefault((wave, key), {})
            counts[None, point] = counts.get((None, point), 0) + people
    return found


def _rows(waves):
    """Values of each key, counted. Both databases unpack JSON objects, each in its own words."""
    each = "jsonb_each_text" if connection.vendor == "postgresql" else "json_each"
    table = AnonymousResponse._meta.db_table
    places = ", ".join(["%s"] * len(waves))
    sql = f"SELECT r.wave_id, e.key, CAST(e.value AS varchar(12)), COUNT(*) FROM {table} r, {each}(r.answers) e WHERE r.wave_id IN ({places}) GROUP BY 1, 2, 3"  # noqa: S608 -- names of our own
    with connection.cursor() as cursor:
        cursor.execute(sql, waves)
        return cursor.fetchall()


def _point(points, value):
    """The point that a stored value is, `None` for "does not apply", `()` for what is neither."""
    if not points or value is None:
        return ()
    if value == NOT_APPLICABLE:
        return None
    return next((float(point["value"]) for point in points if str(point["value"]) == value), ())


# --- free text -------------------------------------------------------------------------------------------------------


def _texts(counted, asked):
    """What people wrote, nothing beside it, in an order that says nothing about them; empty where fewer than the minimum wrote."""
    asked = [question for question in asked if hasattr(question, "length_limit")]
    if not asked or counted.n < settings.MIN_GROUP_SIZE:
        return []
    written = _written_anonymously(counted, asked) if counted.wave.anonymous else _written(counted, asked)
    return [text for text, _writer in written] if len({writer for _text, writer in written}) >= settings.MIN_GROUP_SIZE else []


def _written(counted, asked):
    """`[(text, who wrote it)]`: one person may have written to several questions."""
    rows = Answer.objects.filter(through("response", counting([counted])), question__in=asked, value__isnull=False).exclude(
        value=""
    )
    return list(rows.order_by(MD5(Cast("value", TextField())), "pk").values_list("value", "response_id")[:MOST_TEXTS])


def _written_anonymously(counted, asked):
    texts = []
    for question in asked:
        rows = AnonymousResponse.objects.filter(wave=counted.wave).annotate(
            text=Cast(KeyTextTransform(question.key, "answers"), TextField())
        )
        texts += rows.exclude(text="").filter(text__isnull=False).order_by(MD5("text")).values_list("text", "pk")[:MOST_TEXTS]
    return texts[:MOST_TEXTS]
