"""Level 5 as far as people tell it themselves: what they do since, what they set out to change and what became of it."""

from django.conf import settings
from django.db.models import Case, CharField, Count, F, FilteredRelation, JSONField, Max, Q, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from evaluations.models import Answer, Commitment, CommitmentFollowUp
from evaluations.moore.answer_tables import contains
from evaluations.moore.counted import counting, through
from evaluations.moore.indicators.answered import asked_in, points_of
from evaluations.moore.indicators.base import Gathered, Indicator, Item, add_up
from evaluations.moore.indicators.looking_back import looking_back
from evaluations.moore.indicators.opinions import per_wave, wave_words
from evaluations.moore.levels import in_all_languages

LEVEL = "5"
DAYS = (90, 180)


def indicators():
    said = {"level": LEVEL, "evidence": "self-report"}
    follow_ups = {**said, "source": _("Follow-up questionnaires")}
    return [
        Indicator(
            key="performance-numbers", name=_("What mentors count"), question=_("How much have they done since?"), unit="",
            design="count", gather=numbers, **follow_ups,
        ),
        Indicator(
            key="performance", name=_("Practice"), question=_("Do they do it in practice?"), unit="people", design="distribution",
            gather=lambda scope: per_wave(scope, _is_performance, wants_text=lambda question: question.moore == LEVEL), **follow_ups,
        ),
        Indicator(
            key="performance-looking-back", name=_("Practice, looking back"), question=_("What do they do now that they did not before?"),
            unit="points", design="retro_pre_post", gather=lambda scope: looking_back(scope, _is_of_level), **follow_ups,
        ),
        Indicator(
            key="commitments", name=_("Commitments to change"), question=_("What did people set out to change, and what became of it?"),
            unit="commitments", design="commitments", gather=commitments, source=_("Commitments and their follow-up"), **said,
        ),
    ]  # fmt: skip


def _is_of_level(question):
    return question.moore == LEVEL


def _is_performance(question):
    return question.aspect == "performance" and question.moore in ("", LEVEL)


# --- numbers ---------------------------------------------------------------------------------------------------------


def numbers(scope):
    """One line per wave with the sums of what people counted. One query for all."""
    lines = []
    for counted in scope.waves:
        asked = [question for question in asked_in(scope, counted, _is_performance) if _is_number(question)]
        if asked and not counted.wave.anonymous:
            lines.append(_numbers_line(scope, counted, asked))
    return lines


def _is_number(question):
    return question.max_score is None and not points_of(question) and hasattr(question, "unit")


def _numbers_line(scope, counted, asked):
    sums = scope.once("performance numbers", lambda: _sums(scope))
    items = [_number_item(question, sums.get((counted.wave.pk, question.pk), {})) for question in asked] if counted.counts else []
    return Gathered(
        items=items, suffix=f"w{counted.wave.pk}", about=wave_words(counted.wave), source=counted.wave.instrument.title,
        promise=counted.wave.promise, waves=(counted,), people=counted.people, asked=scope.asked(counted.wave), as_of=counted.as_of,
        open_n=counted.answered if not counted.counts and counted.answered else None,
    )  # fmt: skip


def _sums(scope):
    """`{(wave id, question id): {(country, profession): (sum, people)}}`."""
    ids = [q.pk for counted in scope.waves for q in asked_in(scope, counted, _is_performance) if _is_number(q)]
    rows = (
        Answer.objects.filter(through("response", counting(scope.waves)), question__in=ids, measure__isnull=False)
        .order_by()
        .values_list("response__wave_id", "question_id", "response__country", "response__profession")
        .annotate(total=Sum("measure"), people=Count("pk"))
    )
    found = {}
    for wave, question, country, profession, total, people in rows:
        found.setdefault((wave, question), {})[country or "", profession] = (total, people)
    return found


def _number_item(question, sums):
    def figures(view):
        inside = [pair for atom, pair in sums.items() if contains(view, atom)]
        return {
            "value": sum(total for total, _people in inside),
            "of": None,
            "n": sum(people for _total, people in inside),
            "unit": question.unit,
        }

    sizes = {atom: people for atom, (_total, people) in sums.items()}
    return Item(key=question.key, label=question.text, construct=question.construct, figures=figures, sizes=sizes)


# --- commitments -----------------------------------------------------------------------------------------------------


def commitments(scope):
    """Made in counted responses; what became of them after 90 and 180 days, in steps of MIN_GROUP_SIZE people. Six queries."""
    made = _made(scope)
    if not made:
        return []
    people = {atom: people for atom, (_number, people) in made.items()}
    items = [_day_item(scope, day, people) for day in DAYS]
    items = [item for item in items if item.facts["answered"] or item.facts["day"] == DAYS[0]]
    days = [counted.as_of for counted in scope.waves if counted.as_of and counted.counts]
    return [Gathered(items=items, promise="confidential", people=people, asked=scope.members, as_of=max(days, default=None))]


def _in_scope(scope):
    return Commitment.objects.filter(through("response", counting(scope.waves)))


def _made(scope):
    rows = (
        _in_scope(scope)
        .order_by()
        .values_list("response__country", "response__profession")
        .annotate(number=Count("pk"), people=Count("response__enrollment", distinct=True))
    )
    return {(country or "", profession): (number, people) for country, profession, number, people in rows}


def _day_item(scope, day, people):
    late, answered = _waiting_for_their_step(scope, day)
    atoms = _statuses(scope, day, late)
    label = in_all_languages(_("Commitments"))
    return Item(key=f"day-{day}", label=label, atoms=atoms, sizes=people, facts={"day": day, "answered": answered - len(late)})


def _waiting_for_their_step(scope, day):
    """(people beyond the last full step, all people) who said after `day` days what became of their commitments."""
    rows = (
        CommitmentFollowUp.objects.filter(day=day, commitment__in=_in_scope(scope))
        .order_by()
        .values(person=F("commitment__response__enrollment"))
        .annotate(last=Max("at"))
        .order_by("last", "person")
        .values_list("person", flat=True)
    )
    ids = list(rows)
    return ids[len(ids) - len(ids) % settings.MIN_GROUP_SIZE :], len(ids)


def _statuses(scope, day, late):
    """`{(country, profession): {(status or "unanswered", barriers): commitments}}`."""
    silent = Q(response__enrollment__in=late)
    rows = (
        _in_scope(scope)
        .order_by()
        .annotate(told=FilteredRelation("follow_ups", condition=Q(follow_ups__day=day)))
        .annotate(
            status=Case(When(silent, then=Value(None)), default=F("told__status"), output_field=CharField()),
            barriers=Case(When(silent, then=Value(None)), default=F("told__barriers"), output_field=JSONField()),
        )
        .values_list("response__country", "response__profession", "status", "barriers")
        .annotate(number=Count("pk"))
    )
    found = {}
    for country, profession, status, barriers, number in rows:
        key = status or "unanswered", tuple(sorted(set(barriers or ())))
        found[country or "", profession] = add_up([found.get((country or "", profession), {}), {key: number}])
    return found
