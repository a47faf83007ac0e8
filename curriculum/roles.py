"""Who may do what, in one place. Roles are per cohort; an operator (superuser) may do all.

Views never decide: they fetch through `Model.objects.accessible_to(user)` (404 for the rest) and ask here for acts.
"""

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from curriculum.mentors import active_mentors
from curriculum.models import Cohort, Enrollment

TEACHING = (Enrollment.Role.TRAINER, Enrollment.Role.LEAD)
# Who reads the results of a cohort; only an evaluator opens a single confidential answer (evaluations/reading.py).
REPORTING = (*TEACHING, Enrollment.Role.EVALUATOR)


def runs(user, cohort, roles=TEACHING):
    """Whether the person holds one of `roles` in the cohort."""
    return Cohort.objects.run_by(user, roles).filter(pk=cohort.pk).exists()


def reports(user, cohort):
    """Whether the person reads the results of the cohort: its trainers, leads and evaluators."""
    return runs(user, cohort, REPORTING)


def reads_others(user):
    """Whether the person sees other people's data in any cohort."""
    return Cohort.objects.run_by(user, REPORTING).exists()


def evaluates(user, cohort):
    """Whether the person is an evaluator of the cohort by name; being an operator is not enough."""
    return Enrollment.objects.filter(
        user=user, cohort=cohort, role=Enrollment.Role.EVALUATOR, status__in=Enrollment.MEMBER_STATES
    ).exists()


def leads(user, cohort):
    return runs(user, cohort, (Enrollment.Role.LEAD,))


def runs_any_cohort(user):
    return Cohort.objects.run_by(user).exists()


def may_create_cohorts(user):
    """Leads of any cohort, staff with the right, and operators."""
    return user.is_active and (
        user.has_perm("curriculum.add_cohort") or Cohort.objects.run_by(user, (Enrollment.Role.LEAD,)).exists()
    )


def leads_programme(user):
    """Whether the person plans what belongs to no single cohort: regional meetings, lead groups, messages. Leads of any cohort and operators."""
    return user.is_authenticated and user.is_active and Cohort.objects.run_by(user, (Enrollment.Role.LEAD,)).exists()


def people_led(user, mentors=False):
    """The people of the cohorts which the person leads, as a queryset of users; operators lead everybody.

    Whoever was transferred away belongs to the other cohort. `mentors=True` adds all active mentors: every lead plans their regional
    meetings, whichever cohort they came from.
    """
    people = get_user_model().objects.all()
    if user.is_active and user.is_superuser:
        return people
    led = Cohort.objects.run_by(user, (Enrollment.Role.LEAD,))
    mine = Q(pk__in=Enrollment.objects.filter(cohort__in=led).exclude(status=Enrollment.Status.TRANSFERRED).values("user_id"))
    if mentors and leads_programme(user):
        mine |= Q(pk__in=active_mentors().order_by().values("pk"))
    return people.filter(mine)


def reads_without_enrollment(user, curriculum_key):
    """Whether the person may read the lessons of a curriculum without studying it: its trainers and leads, editors, operators."""
    if not user.is_authenticated or not user.is_active:
        return False
    return Cohort.objects.run_by(user).filter(curriculum_key=curriculum_key).exists() or user.has_perm(
        "wagtailadmin.access_admin"
    )


def judges(user, hand_in):
    """Trainers and leads of the person's cohort, never of one's own text."""
    return hand_in.enrollment.user_id != user.pk and runs(user, hand_in.enrollment.cohort)


def remembered_under(user):
    """The cache key of the roles that navigation shows (lms/shell.py). Rights are never read from it."""
    return f"roles:{user.pk}"


def forget(user):
    """Navigation looks again which roles the person holds, after an act that changed them."""
    cache.delete(remembered_under(user))


def require(allowed):
    """Turns a "no" into a 403 page; for acts on things the person may see but not change."""
    if not allowed:
        raise PermissionDenied


def enrollment_for(user, curriculum_key, preferred=None):
    """The person's trainee enrolment in this curriculum that is in use, with its cohort, or `None`.

    `preferred` (an enrolment id, from the web session) wins if it is theirs; else the newest one that may study, else
    the newest paused one. One query.
    """
    if not user.is_authenticated:
        return None
    mine = list(
        Enrollment.objects.filter(
            user=user, cohort__curriculum_key=curriculum_key, role=Enrollment.Role.TRAINEE, status__in=Enrollment.MEMBER_STATES
        )
        .select_related("cohort")
        .order_by("-enrolled_at", "-pk")
    )
    mine.sort(key=lambda enrollment: (enrollment.pk != preferred, not enrollment.may_study))
    return mine[0] if mine else None
