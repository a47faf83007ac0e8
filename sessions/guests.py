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
from sessions.belonging import enrolled_in
from sessions.models import Invitee, MeetingPerson

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
    people = nameable(by)
    for word in words[:5]:
        people = people.filter(full_name__icontains=word)
    return list(people.order_by("full_name", "pk")[:MOST_FOUND])


def nameable(by):
    """Active people whom `by` may look for, as a queryset of users."""
    people = get_user_model().objects.filter(is_active=True)
    if roles.leads_programme(by):
        return people
    theirs = Enrollment.objects.filter(cohort__in=Cohort.objects.run_by(by)).values("user_id")
    return people.filter(Q(pk__in=theirs) | Q(pk__in=active_mentors().values("pk")))


def known_to(by, meeting, email):
    """Whether the address is of somebody whom `by` may look for, or named already. Whether others have an account is not said: pages answer alike for an
    account and for none. Leads, who look among all, are told of a closed one. Raises `Refused` for that and for what is no address."""
    email = clean_address(email)
    if roles.leads_programme(by) and get_user_model().objects.filter(email__iexact=email, is_active=False).exists():
        raise Refused(_("The account of this address is closed. Write to the operator of the site."), "email")
    named = MeetingPerson.objects.filter(meeting_id=meeting.pk, user__email__iexact=email)
    return nameable(by).filter(email__iexact=email).exists() or named.exists()


def strangers(by, meetings, people):
    """Ids of those of `people` (ids) of whom `by` sees the address alone: not to be looked for, and they have not answered yet."""
    if not people:
        return set()
    answered = Invitee.objects.filter(meeting__in=[one.pk for one in meetings], user__in=people).exclude(
        answer=Invitee.Answer.NONE
    )
    return (
        set(people)
        - set(nameable(by).filter(pk__in=people).values_list("pk", flat=True))
        - set(answered.values_list("user_id", flat=True))
    )


def unknown_in(by, *meetings):
    """Ids of those named for a meeting, or for meetings of one series, of whom `by` sees the address alone. None for who is of the
    cohort: whoever runs its meetings knows them. Five queries at most."""
    if not meetings:
        return set()
    named = MeetingPerson.objects.filter(meeting__in=[one.pk for one in meetings])
    named = named.exclude(user__in=enrolled_in(meetings[0]).values("user_id"))
    return strangers(by, meetings, list(named.values_list("user_id", flat=True).distinct()))


def without(people, unknown):
    """Whom a page may show by name."""
    return [user for user in people if user.pk not in unknown]


def as_known_to(by, meeting, people):
    """`people` (users, as a list) for showing: the address stands for the name of whoever `by` does not know. Not for saving."""
    people, unknown = list(people), unknown_in(by, meeting)
    for user in people:
        if user.pk in unknown:
            user.full_name, user.title, user.country = user.email, "", ""
    return people


def name_for(by, meeting):
    """A function from a user to the name that `by` may read, for the choices of a form."""
    unknown = unknown_in(by, meeting)
    return lambda user: user.email if user.pk in unknown or not user.full_name else user.addressed_as


def welcome(meeting, email, part, **profile):
    """Names whoever has this address and returns the person. Without an account one is made: without a password or an enrolment, so
    that a code by mail signs them in and they see what they were named for. `profile` (name, language, zone) is for new ones only. A
    closed account is named and hears nothing."""
    with transaction.atomic():
        email = clean_address(email)
        user = get_user_model().objects.filter(email__iexact=email).first() or account_for(email, **profile)
        if selection.is_candidate(user, meeting):
            raise Refused(_("This person is a candidate here. What is said about candidates is not for them."), "email")
        if part == Part.HOST and not selection.may_run(user, meeting):
            raise Refused(selection.RUN_BY, "part")
        schedule.ask(meeting, user, part)
    return user


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
