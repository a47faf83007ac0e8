"""Who is named for a meeting: guests from anywhere, people of a country at once, and whom one may look for by name."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.accounts import account_for, clean_address
from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from curriculum.models import Cohort, Enrollment
from sessions import schedule, selection, telling
from sessions.models import MeetingPerson

MOST_FOUND = 20
SHORTEST = 2
Part = MeetingPerson.Part


def find(by, words):
    """Active people whom `by` may name, whose name holds all `words`; at most twenty, by name. Nothing for fewer than two letters.

    Leads of a programme look among all, others among the people of the cohorts they run and mentors: a list of accounts is no trainer's.
    """
    words = words.replace("\x00", "").split()
    if len("".join(words)) < SHORTEST:
        return []
    people = get_user_model().objects.filter(is_active=True)
    if not roles.leads_programme(by):
        theirs = Enrollment.objects.filter(cohort__in=Cohort.objects.run_by(by)).values("user_id")
        people = people.filter(Q(pk__in=theirs) | Q(pk__in=active_mentors().values("pk")))
    for word in words[:5]:
        people = people.filter(full_name__icontains=word)
    return list(people.order_by("full_name", "pk")[:MOST_FOUND])


def account_of(email):
    """The account of an address, or `None`. Raises `Refused` for what is no address and for a closed account."""
    user = get_user_model().objects.filter(email__iexact=clean_address(email)).first()
    if user is not None and not user.is_active:
        raise Refused(_("The account of this address is closed. Write to the operator of the site."), "email")
    return user


def welcome(meeting, email, part, **profile):
    """Names whoever has this address and returns the person. Without an account one is made: without a password or an enrolment, so
    that a code by mail signs them in and they see what they were named for. `profile` (name, language, zone) is for new ones only."""
    with transaction.atomic():
        user = account_of(email) or account_for(clean_address(email), **profile)
        if selection.is_candidate(user, meeting):
            raise Refused(_("This person is a candidate here. What is said about candidates is not for them."), "email")
        _require_may_run(meeting, user, part)
        schedule.ask(meeting, user, part)
    return user


def _require_may_run(meeting, user, part):
    """Whoever runs a preparatory meeting reads every mark and reason, so it is not for guests."""
    if meeting.kind != "preparatory" or part != Part.HOST:
        return
    if not (roles.runs(user, meeting.cohort) or roles.leads_programme(user)):
        raise Refused(
            _("Only trainers and leads run a preparatory meeting: who runs it reads what is said of candidates."), "part"
        )


def of_country(meeting):
    """Who would be named at once for a national meeting and is not yet: the people of its cohort in the country, or its mentors."""
    if meeting.kind != "national" or not meeting.country:
        return get_user_model().objects.none()
    if meeting.cohort_id:
        members = Enrollment.objects.filter(cohort=meeting.cohort_id, status__in=Enrollment.MEMBER_STATES, role="trainee")
        people = get_user_model().objects.filter(is_active=True, pk__in=members.values("user_id"))
    else:
        people = active_mentors()
    named = MeetingPerson.objects.filter(meeting=meeting.pk).values("user_id")
    return people.filter(country=meeting.country).exclude(pk__in=named).order_by("full_name", "pk")


def name_country(meeting):
    """Names them; returns how many."""
    with transaction.atomic():
        people = [MeetingPerson(meeting_id=meeting.pk, user=user, part=Part.PARTICIPANT) for user in of_country(meeting)]
        MeetingPerson.objects.bulk_create(people, ignore_conflicts=True)
        if people:
            telling.touched(meeting, rises=False)
    return len(people)
