"""Published figures from files to rows: what changed is written, what the files no longer hold is taken away."""

from content.keys import curriculum_key
from content.plan import digest
from evaluations.models import ReportedFigure

FIELDS = ("indicator", "level", "value", "unit", "country", "as_of", "period", "definition", "source", "note")


def load_published(library, shipped, report):
    """Writes what changed and takes away what the files no longer hold."""
    wanted = {}
    for stem, published in library.published.items():
        for order, figure in enumerate(published.figures):
            wanted[f"published/{stem}/{figure.key}"] = (curriculum_key(published.curriculum), order, figure)
    for item, (key, order, figure) in wanted.items():
        _load(item, key, order, figure, shipped, report)
    for item in shipped.items("published/"):
        record = shipped.get(item)
        if item not in wanted and record.digest:
            ReportedFigure.objects.filter(pk=record.object_id).delete()
            shipped.retire(item)
            report.retired.append(item)


def _load(item, curriculum, order, figure, shipped, report):
    values = {name: value for name, value in figure.model_dump(by_alias=True).items() if name in FIELDS}
    values["note"] = values["note"] or {}
    meaning, record = digest([values, order]), shipped.get(item)
    if record and record.digest == meaning:
        report.unchanged += 1
        return
    row, made = ReportedFigure.objects.update_or_create(
        key=figure.key, defaults={**values, "curriculum_key": curriculum, "order": order}
    )
    (report.created if made else report.updated).append(item)
    shipped.note(item, "", meaning, row.pk)
