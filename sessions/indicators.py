"""Level 1 of Moore: who attended the live sessions. From the marks of meetings that are settled; shown to the last person."""

from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from curriculum.models import Enrollment
from evaluations.moore.answer_tables import contains
from evaluations.moore.indicators.base import Gathered, Indicator, Item, count_by
from evaluations.moore.indicators.completion import DONE, GRID_PEOPLE, OPEN
from evaluations.moore.levels import in_all_languages
from sessions.models import Attendance, Meeting


def indicators():
    return [
        Indicator(
            key="attendance", level="1", name=_("Attended live sessions"), question=_("Who was there?"), evidence="objective",
            source=_("Attendance of live sessions, settled a day after each"), unit="people", design="count", gather=gather,
            exempt=True,
        )
    ]  # fmt: skip


def gather(scope):
    """All meetings first, then each one: of the people, and of the meetings. Three queries, one more for a small cohort's grid."""
    meetings = _settled(scope)
    if not meetings or not scope.members:
        return []
    by_meeting = _attended(scope, meetings)
    items = [
        _item("all", in_all_languages(_("All live sessions")), _attended_all(scope, meetings), scope, _grid(scope, meetings))
    ]
    if len(meetings) > 1:
        items += [_item(str(meeting.pk), _title(meeting), by_meeting[meeting.pk], scope) for meeting in meetings]
    columns = [{"label": _title(meeting)} for meeting in meetings]
    last = max(meeting.reconciled_at for meeting in meetings)
    return [Gathered(items=items, people=scope.members, asked=scope.members, columns=columns, as_of=last.date())]


def _settled(scope):
    held = Meeting.objects.non_polymorphic().filter(cohort=scope.cohort, state=Meeting.State.ENDED, reconciled_at__isnull=False)
    held = held.filter(for_cohort=True)  # a meeting about candidates says nothing about those who were trained
    return list(held.order_by("starts_at", "pk"))


def _title(meeting):
    return in_all_languages(meeting.title)


def _rows(scope, meetings):
    people = Enrollment.objects.members().filter(cohort=scope.cohort).values("user")
    return Attendance.objects.filter(
        meeting__in=[meeting.pk for meeting in meetings], status__in=Attendance.ATTENDED, user__in=people
    ).order_by()


def _attended(scope, meetings):
    """`{meeting id: {(country, profession): people}}`. One query."""
    found = {meeting.pk: {} for meeting in meetings}
    rows = _rows(scope, meetings).values_list("meeting", "user__country", "user__profession").annotate(people=Count("pk"))
    for meeting_id, country, profession, people in rows:
        found[meeting_id][country or "", profession] = people
    return found


def _attended_all(scope, meetings):
    """`{(country, profession): people who attended each of them}`. One query."""
    people = (
        _rows(scope, meetings)
        .values(person=F("user"), country=F("user__country"), profession=F("user__profession"))
        .annotate(attended=Count("pk"))
    )
    counted = count_by(people, ["country", "profession", "attended"])
    return {(country or "", profession): n for country, profession, attended, n in counted if attended == len(meetings)}


def _item(key, label, attended, scope, grid=None):
    def figures(view):
        row = {"value": _in_view(attended, view), "of": _in_view(scope.members, view)}
        return {**row, "marks": grid(view)} if grid else row

    return Item(key=key, label=label, figures=figures)


def _in_view(people, view):
    return sum(number for atom, number in people.items() if contains(view, atom))


def _grid(scope, meetings):
    """One line per person, nameless, the most faithful first; `None` where the cohort is too large to draw."""
    if sum(scope.members.values()) > GRID_PEOPLE:
        return None
    people = Enrollment.objects.members().filter(cohort=scope.cohort).order_by()
    atoms = {
        user_id: (country or "", profession)
        for user_id, country, profession in people.values_list("user", "user__country", "user__profession")
    }
    there = set(_rows(scope, meetings).values_list("user_id", "meeting_id"))

    def lines(view):
        marks = [
            [DONE if (user_id, meeting.pk) in there else OPEN for meeting in meetings]
            for user_id, atom in atoms.items() if contains(view, atom)
        ]  # fmt: skip
        return sorted(marks, key=lambda line: (-line.count(DONE), line))

    return lines
