"""A wave as those see it who are asked: its start page, the mailed link, and the page after sending."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from evaluations import answering, respondents, wave_hours, wave_opening, wave_results
from evaluations.models import Instrument, Wave
from evaluations.wave_plan import moment_words


@respondents.required
@require_http_methods(["GET", "HEAD", "POST"])
def wave(request, pk):
    """The start page; a post opens the response and leads to its first question without an answer."""
    wave = get_object_or_404(Wave.objects.select_related("cohort", "instrument"), pk=pk)
    enrollment = respondents.enrollment_asked(request, wave)
    if enrollment is None:
        raise Http404
    if wave.anonymous:
        return redirect("evaluations:anonymous", wave.pk)
    if request.method == "POST":
        return start(request, enrollment, wave)
    return start_page(request, enrollment, wave)


def start(request, enrollment, wave, **context):
    try:
        response = wave_opening.open_wave(enrollment, wave, get_language())
    except answering.Refused as refusal:
        return start_page(request, enrollment, wave, refusal=refusal, status=refusal.status, **context)
    if not request.user.is_authenticated:
        respondents.give_pass(request, response)
    return redirect("evaluations:resume", response.pk)


def start_page(request, enrollment, wave, refusal=None, status=200, **context):
    standing = wave_opening.standing(enrollment, wave)
    context |= {
        "wave": wave, "instrument": wave.instrument, "moment": moment_words(wave.moment, wave.number), "standing": standing,
        "zone": str(standing.hours.zone), "shut": wave_hours.shut_because(wave, enrollment.user), "refusal": refusal,
        "min_group": settings.MIN_GROUP_SIZE, "enrollment": enrollment,
    }  # fmt: skip
    return render(request, "evaluations/waves/start.html", context, status=status)


@method_decorator([never_cache, sensitive_variables("token")], name="dispatch")
class Link(View):
    """What a mailed link opens. Looking opens nothing and gives no pass (mail scanners look too); starting is a post."""

    def dispatch(self, request, token):
        found = respondents.read_token(token)
        if found is None:
            return self.gone("unknown", 404)
        self.wave, self.enrollment, self.token = *found, token
        if request.user.is_authenticated:
            mine = request.user.pk == self.enrollment.user_id
            return redirect("evaluations:wave", self.wave.pk) if mine else self.gone("somebody_else", 403)
        if not wave_hours.asks(self.wave, self.enrollment) or not self.enrollment.may_study:
            return self.gone("not_active", 410)
        self.hours = wave_hours.hours_of(self.wave, self.enrollment.user)
        if self.hours.state() == "closed":
            return self.gone("closed", 410)
        return super().dispatch(request, token=token)

    def get(self, request, token):
        return self.safe(start_page(request, self.enrollment, self.wave, token=token))

    def post(self, request, token):
        return self.safe(start(request, self.enrollment, self.wave, token=token))

    def gone(self, why, status):
        words = wave_hours.closed_words(self.wave, self.hours) if why == "closed" else ""
        context = {"why": why, "closed_words": words}
        return self.safe(render(self.request, "evaluations/waves/link_gone.html", context, status=status))

    def safe(self, response):
        """The address is a key: it goes to no other site. (No referrer at all would break the protection of forms.)"""
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response._has_been_logged = True  # Django's log of refused requests would hold the address too
        return response


def sent_page(request, response):
    """The page after sending to a wave, or `None` where the usual one of a survey or a quiz is right."""
    quiz = response.instrument.kind == Instrument.Kind.QUIZ
    wave = wave_results.holding_back(response) if quiz and response.wave is None else response.wave
    if wave is None:
        return None
    if wave_results.shows_key(wave) if quiz else wave.moment == Wave.Moment.PRE:
        return None
    own = request.user.is_authenticated and not quiz
    context = {
        "response": response, "wave": wave, "instrument": response.instrument, "quiz": quiz,
        "arrows": wave_results.arrows(response) if own else [], "moment": moment_words(wave.moment, wave.number),
    }  # fmt: skip
    return render(request, "evaluations/waves/sent.html", context)
