"""Where every file takes its figures from: the stored, protected documents of the report and nothing else."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from evaluations.models import ReportSnapshot
from evaluations.moore import remarks, snapshots
from evaluations.moore.answer_tables import ALL
from evaluations.moore.counted import basis_of, counted_waves
from evaluations.moore.levels import LEVELS


class NoData(Refused):
    """No line of the report has a figure yet."""


@dataclass(frozen=True)
class Source:
    """A cohort with the documents of its views, that of all people first."""

    cohort: object
    documents: list

    @property
    def document(self):
        return self.documents[0]


def source_of(cohort, view=None):
    """The `Source` of all views, or of `view` alone. Answers that count since the last snapshot are taken in first, so that the lines
    of single people and the figures of a file stand on the same answers."""
    newest = snapshots.current(cohort, view or ALL)
    if newest.basis != basis_of(counted_waves(cohort)):
        snapshots.refresh(cohort)
        newest = snapshots.current(cohort, view or ALL)
    return Source(cohort, [newest.document] if view else [newest.document, *_other_views(cohort)])


def _other_views(cohort):
    """The newest document of each other view. Two queries."""
    newest = {}
    for pk, view in ReportSnapshot.objects.filter(cohort=cohort).exclude(view="all").order_by("-made_at", "-pk").values_list("pk", "view"):
        newest.setdefault(view, pk)
    return [row.document for row in ReportSnapshot.objects.filter(pk__in=newest.values()).order_by("view")]


def is_empty(document):
    """Whether no line of the report has a figure."""
    return not any(
        not row.get("hidden")
        for level in document["levels"]
        for indicator in level["indicators"]
        if not indicator.get("hidden")
        for row in indicator.get("rows") or []
    )


def require_data(source):
    if is_empty(source.document):
        raise NoData(_("There is no data in this cohort yet."))


def what_is_missing(document):
    """`[(level, sentence)]` of the levels without a figure, in the active language."""
    known = {level["code"] for level in document["levels"] if any(not one.get("hidden") for one in level["indicators"])}
    return [(level, str(remarks.MISSING[level.code])) for level in LEVELS if level.code not in known]
