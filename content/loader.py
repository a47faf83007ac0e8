"""From the content folder to rows: everything or nothing, and the second time nothing."""

from dataclasses import dataclass, field

from django.db import transaction

from content.instrument_rows import load_instruments
from content.keys import curriculum_key
from content.library import ROOT, read_library
from content.page_rows import PageLoader
from content.plan import digest, plan_pages
from content.published_rows import load_published
from content.shipped import Ledger
from curriculum.desk import ensure_desk
from curriculum.models import Requirement
from evaluations.desk import ensure_question_rights


@dataclass
class Report:
    """What a load did, by item. `skipped` says why something was left alone."""

    created: list = field(default_factory=list)
    updated: list = field(default_factory=list)
    retired: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    unchanged: int = 0
    warnings: list = field(default_factory=list)

    @property
    def changed(self):
        return bool(self.created or self.updated or self.retired)


def load(root=ROOT):
    """Loads everything under `root` in one transaction. Raises `library.Broken`, with all problems, before the first write."""
    library = read_library(root)
    report = Report(warnings=library.warnings)
    with transaction.atomic():
        shipped = Ledger()
        questions = load_instruments(library, shipped, report)
        PageLoader(plan_pages(library, questions), shipped, report).load()
        load_requirements(library, shipped, report)
        load_published(library, shipped, report)
        ensure_desk()  # its rights hang on the home pages
        ensure_question_rights()
    return report


def load_requirements(library, shipped, report):
    """What a certificate of each curriculum takes. A requirement changed or added in the admin stays as it is."""
    wanted = {
        f"requirement/{files.meaning.key}/{requirement.kind}": (files.meaning.key, order, requirement)
        for files in library.curricula
        for order, requirement in enumerate(files.meaning.requirements)
    }
    for item, (curriculum, order, requirement) in wanted.items():
        _load_requirement(item, curriculum_key(curriculum), requirement, order, shipped, report)
    for item in shipped.items("requirement/"):
        record = shipped.get(item)
        if item not in wanted and record.digest:
            Requirement.objects.filter(pk=record.object_id).delete()
            shipped.retire(item)
            report.retired.append(item)


def _load_requirement(item, key, requirement, order, shipped, report):
    record, row = shipped.get(item), Requirement.objects.filter(curriculum_key=key, kind=requirement.kind).first()
    meaning = digest([requirement.parameters, order])
    if record and record.digest == meaning:
        report.unchanged += 1
    elif row and (record is None or record.digest != digest([row.parameters, row.order])):
        report.skipped.append(f"{item}: changed in the admin")
    else:
        row = row or Requirement(curriculum_key=key, kind=requirement.kind)
        (report.updated if row.pk else report.created).append(item)
        row.parameters, row.order = requirement.parameters, order
        row.save()
        shipped.note(item, "", meaning, row.pk)
