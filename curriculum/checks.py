"""System checks: every kind of requirement that a curriculum names has a function that checks it, and that function exists."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections
from django.utils.module_loading import import_string

from curriculum.models import Requirement


@register(Tags.compatibility)
def checks_exist(app_configs, **kwargs):
    return [
        Error(
            f"REQUIREMENT_CHECKS[{kind!r}] names {path!r}, which cannot be imported.",
            hint="Name a function check(enrollment, parameters) -> RequirementState, or take the kind out of the settings.",
            id="curriculum.E001",
        )
        for kind, path in settings.REQUIREMENT_CHECKS.items()
        if not _imports(path)
    ]


@register(Tags.database)
def kinds_have_checks(app_configs, databases=None, **kwargs):
    """Runs with `check --database default` and before each `migrate`."""
    return [error for alias in databases or [] for error in _unknown_kinds(alias)]


def _unknown_kinds(alias):
    if Requirement._meta.db_table not in connections[alias].introspection.table_names():
        return
    known = list(settings.REQUIREMENT_CHECKS)
    for kind in Requirement.objects.using(alias).exclude(kind__in=known).order_by().values_list("kind", flat=True).distinct():
        yield Error(
            f"A curriculum requires {kind!r}, and REQUIREMENT_CHECKS has no check for it: nobody can be certified.",
            hint="Add the kind to settings.REQUIREMENT_CHECKS or delete the requirement.",
            id="curriculum.E002",
        )


def _imports(path):
    try:
        return callable(import_string(path))
    except ImportError:
        return False
