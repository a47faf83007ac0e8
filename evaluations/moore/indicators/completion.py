"""Level 1: who finished the programme's required activities. From the ledger of completions; shown as it is, to the last person."""

from django.db.models import Case, Count, F, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from curriculum.models import Completion, Enrollment
from curriculum.outline import outline_of
from evaluations.moore.answer_tables import contains
from evaluations.moore.indicators.base import Gathered, Indicator, Item, count_by
from evaluations.moore.levels import in_all_languages

GRID_PEOPLE = 100  # up to here the report draws one line per person
DONE, OPEN = "done", "open"


def indicators():
    return [
        Indicator(
            key="completion", level="1", name=_("Completed activities"), question=_("Who finished what is required?"),
            evidence="objective", source=_("The platform's record of completed activities"), unit="people", design="count",
            gather=gather, exempt=True,
        )
    ]  # fmt: skip


def gather(scope):
    """Everything required first, then each module. Two queries, one more for the grid of a small cohort."""
    modules = [module for module in outline_of(scope.cohort).modules if _required(module)]
    if not modules or not scope.members:
        return []
    required = [activity for module in modules for activity in _required(module)]
    finished = _finished(scope, [required])[0]
    items = [_item("all", in_all_languages(_("Everything required")), finished, scope, _grid(scope, required))]
    if len(modules) > 1:
        by_module = _finished(scope, map(_required, modules))
        items += [_item(str(module.key), module.titles, by_module[place], scope) for place, module in enumerate(modules)]
    columns = [{"label": activity.titles} for activity in required]
    return [Gathered(items=items, people=scope.members, asked=scope.members, columns=columns)]


def _required(module):
    return tuple(activity for activity in module.activities if activity.required)


def _finished(scope, groups):
    """For each group of activities `{(country, profession): people who did all of it}`. One query."""
    groups = list(groups)
    keys = [[activity.key for activity in activities] for activities in groups]
    whens = [When(activity_key__in=wanted, then=Value(place)) for place, wanted in enumerate(keys)]
    done = (
        _completions(scope, [key for wanted in keys for key in wanted])
        .order_by()
        .annotate(part=Case(*whens, output_field=IntegerField()))
        .values(
            "part", person=F("enrollment"), country=F("enrollment__user__country"), profession=F("enrollment__user__profession")
        )
        .annotate(done=Count("pk"))
    )
    found = [{} for _group in groups]
    for place, country, profession, number, people in count_by(done, ["part", "country", "profession", "done"]):
        if number == len(keys[place]):
            found[place][country or "", profession] = people
    return found


def _completions(scope, keys):
    people = Enrollment.objects.members().filter(cohort=scope.cohort)
    return Completion.objects.filter(enrollment__in=people, activity_key__in=keys)


def _item(key, label, finished, scope, grid=None):
    def figures(view):
        row = {"value": _in_view(finished, view), "of": _in_view(scope.members, view)}
        return {**row, "marks": grid(view)} if grid else row

    return Item(key=key, label=label, figures=figures)


def _in_view(people, view):
    return sum(number for atom, number in people.items() if contains(view, atom))


def _grid(scope, required):
    """One line per person, nameless, the furthest first; `None` where the cohort is too large to draw."""
    if sum(scope.members.values()) > GRID_PEOPLE:
        return None
    people = Enrollment.objects.members().filter(cohort=scope.cohort).order_by()
    atoms = {
        pk: (country or "", profession)
        for pk, country, profession in people.values_list("pk", "user__country", "user__profession")
    }
    keys = [activity.key for activity in required]
    done = set(_completions(scope, keys).values_list("enrollment_id", "activity_key"))

    def lines(view):
        marks = [[DONE if (pk, key) in done else OPEN for key in keys] for pk, atom in atoms.items() if contains(view, atom)]
        return sorted(marks, key=lambda line: (-line.count(DONE), line))

    return lines
