"""What a person is called under the brand, and between which roles they switch. For showing alone: rights are read from the rows."""

from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.db.models import F, Value
from django.dispatch import receiver
from django.utils.translation import gettext as _

ROLES_LAST = 5 * 60  # seconds the cache believes the roles it knows
ROLE_ORDER = ("trainee", "trainer", "lead", "evaluator")
MENTOR = "mentor"  # no role one acts in: who studied and holds a certificate that stands is called so, in place of "trainee"


def find_roles(user):
    """The roles a person holds in any cohort, and "editor" if Wagtail's admin is open to them. One query."""
    return [name for name in found_for(user) if name != MENTOR]


def found_for(user):
    """`find_roles`, and "mentor" for who holds a certificate that stands (curriculum/mentors.py). One query."""
    from curriculum.mentors import active_mentors  # noqa: PLC0415 -- lms/shell.py is read before models load
    from curriculum.models import Enrollment  # noqa: PLC0415

    held = Enrollment.objects.filter(user=user, status__in=Enrollment.MEMBER_STATES).order_by().values_list("role")
    editing = (
        Permission.objects.filter(group__user=user, codename="access_admin", content_type__app_label="wagtailadmin")
        .order_by()
        .values_list(F("codename"))
    )
    certified = active_mentors().filter(pk=user.pk).order_by().values_list(Value(MENTOR))
    found = {name for (name,) in held.union(editing, certified)}
    names = [role for role in ROLE_ORDER if role in found]
    names += ["editor"] if "access_admin" in found or user.is_superuser else []
    return names + ([MENTOR] if MENTOR in found else [])


def remembered(request):
    """What the cache knows of the person; asked again every five minutes and at each sign-in. No write to the web session."""
    from curriculum import roles  # noqa: PLC0415 -- as above

    return cache.get_or_set(roles.remembered_under(request.user), lambda: found_for(request.user), ROLES_LAST)


def roles_of(request):
    """The roles a person may act in, as the cache knows them."""
    return [name for name in remembered(request) if name != MENTOR]


@receiver(user_logged_in)
def _forget_roles_at_sign_in(sender, request, user, **kwargs):
    from curriculum import roles  # noqa: PLC0415 -- as above

    roles.forget(user)


def role_in_use(request):
    """One of the person's roles: the one they chose, else the one that carries most. "" for none."""
    roles = roles_of(request)
    chosen = request.session.get("role")
    if chosen in roles:
        return chosen
    for role in ("lead", "trainer", "evaluator", "trainee", "editor"):
        if role in roles:
            return role
    return ""


def role_words(role, *, mentor=False):
    """What the role is called under the brand; `mentor`: the person has finished the programme and holds its certificate."""
    return {
        "": _("Mentor") if mentor else "",
        "trainee": _("Mentor") if mentor else _("Trainee"),
        "trainer": _("Trainer"),
        "lead": _("Programme lead"),
        "evaluator": _("Evaluator"),
        "editor": _("Editor"),
    }.get(role, "")
