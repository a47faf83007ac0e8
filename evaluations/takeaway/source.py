"""Where every file takes its figures from: the stored, protected documents of the report and nothing else."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from evaluations.moore import remarks, snapshots
from evaluations.moore.answer_tables import ALL
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


def source_of(cohort):
    """The `Source` of all views, worked out anew and kept as snapshots: the lines of single people and the figures of every view in a
    file stand on the same answers, and the page shows the same from now on."""
    made = snapshots.refresh(cohort)
    return Source(cohort, [made[ALL].document, *(row.document for view, row in made.items() if view != ALL)])


def shown(cohort, view=ALL):
    """The document of one view as the page shows it."""
    return snapshots.current(cohort, view).document


def is_empty(document):
    """Whether no line of the report has a figure."""
    return not any(
        not row.get("hidden")
        for level in document["levels"]
        for indicator in level["indicators"]
        if not indicator.get("hidden")
        for row in indicator.get("rows") or []
    )


def require_data(document):
    if is_empty(document):
        raise NoData(_("There is no data in this cohort yet."))


def what_is_missing(document):
    """`[(level, sentence)]` of the levels without a figure, in the active language."""
    known = {level["code"] for level in document["levels"] if any(not one.get("hidden") for one in level["indicators"])}
    return [(level, str(remarks.MISSING[level.code])) for level in LEVELS if level.code not in known]
