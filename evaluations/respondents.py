"""Whose response a request may touch: one's own when signed in, or the one that a mailed link opened.

The link carries a signed token that names one wave and one enrolment. Opening it changes nothing (mail scanners look too). Starting
from it puts a pass into the web session: the number of one response, for twelve hours. Whoever holds it may answer and send that
response and reach nothing else of the account. It ends with the wave, and when the person's place is no longer active.
"""

import functools
import time

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.urls import reverse

from curriculum.models import Enrollment
from evaluations import wave_hours
from evaluations.models import Response, Wave

PASS = "respondent"  # noqa: S105 -- the name of a place in the web session
PASS_LASTS = 12 * 3600
SALT = "evaluations.respondents"
STUDYING = (Enrollment.Status.ENROLLED, Enrollment.Status.CERTIFIED)


# --- in a request ----------------------------------------------------------------------------------------------------


def responses_for(request):
    """The responses that this request may read and answer: the person's own, else the one of the pass, else none."""
    if request.user.is_authenticated:
        return Response.objects.accessible_to(request.user)
    return Response.objects.filter(
        pk=_response_of_pass(request),
        wave__isnull=False,  # what was begun before there was a wave would have no end
        wave__closed_at__isnull=True,
        enrollment__status__in=STUDYING,
        enrollment__user__is_active=True,
    )


def known(request):
    """Whether the request comes from somebody: signed in, or with a pass that still stands."""
    return request.user.is_authenticated or responses_for(request).exists()


def required(view):
    """For views of one's own answers: visitors without a pass go to sign-in."""

    @functools.wraps(view)
    def guarded(request, *args, **kwargs):
        return kept_by_no_cache(view)(request, *args, **kwargs) if known(request) else redirect_to_login(request.get_full_path())

    return guarded


def kept_by_no_cache(view):
    """The bearer of a pass is a visitor to lms/security.py, which keeps only pages of people who are signed in out of caches."""

    @functools.wraps(view)
    def uncached(*args, **kwargs):
        response = view(*args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return uncached


def give_pass(request, response):
    """Lets the bearer of a link answer this one response. The web session gets a new key, as at sign-in."""
    request.session.cycle_key()
    request.session[PASS] = [response.pk, int(time.time()) + PASS_LASTS]


def _response_of_pass(request):
    number, until = request.session.get(PASS) or (None, 0)
    return number if until > time.time() else None


def enrollment_asked(request, wave):
    """The enrolment for which this request may answer the wave, with its person, or `None`."""
    if request.user.is_authenticated:
        mine = Enrollment.objects.filter(user=request.user, cohort=wave.cohort_id).select_related("user", "cohort").first()
        return mine if mine and wave_hours.asks(wave, mine) else None
    response = responses_for(request).filter(wave=wave).select_related("enrollment__user", "enrollment__cohort").first()
    return response.enrollment if response else None


# --- the mailed link -------------------------------------------------------------------------------------------------


def link_path(wave, enrollment):
    """The address of the link, in the active language. An anonymous wave asks behind sign-in: a link would name the person."""
    if wave.anonymous:
        return reverse("evaluations:anonymous", args=[wave.pk])
    return reverse("evaluations:wave_link", args=[signing.dumps([wave.pk, enrollment.pk], salt=SALT)])


def read_token(token):
    """The wave and the enrolment that a token of ours names, or `None`; whether they still may is for the caller to say."""
    try:
        wave_pk, enrollment_pk = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    wave = Wave.objects.select_related("cohort", "instrument").exclude(promise=Wave.Promise.ANONYMOUS).filter(pk=wave_pk).first()
    people = Enrollment.objects.select_related("user", "cohort").filter(user__is_active=True)
    enrollment = people.filter(pk=enrollment_pk).first()
    return (wave, enrollment) if wave and enrollment else None
