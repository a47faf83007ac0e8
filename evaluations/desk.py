"""Who may write instruments and questions in Wagtail's admin: the editors of the editorial desk, as they write the pages."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from curriculum.desk import EDITORS


@transaction.atomic
def ensure_question_rights():
    """Gives the editors their rights on instruments and every kind of question. Safe to repeat; nothing is taken away."""
    editors, _created = Group.objects.get_or_create(name=EDITORS)
    kinds = Permission.objects.filter(content_type__app_label="evaluations", content_type__model__regex=r"^instrument$|question$")
    missing = kinds.filter(codename__regex=r"^(view|add|change|delete)_").exclude(group=editors)
    if missing:
        editors.permissions.add(*missing)
