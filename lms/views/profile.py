"""The profile in four short steps, and the account: language, colours, ways to sign in, consents."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lms import consents
from lms.forms import ConsentsStep, NameStep, PlaceStep, WorkStep
from lms.models import User
from lms.shell import LANGUAGE_NAMES, role_in_use, roles_of

STEPS = {"name": NameStep, "place": PlaceStep, "work": WorkStep, "consents": ConsentsStep}
ORDER = [*STEPS, "review"]


@login_required
def start(request):
    """The first step that lacks something, or the review of a profile that lacks nothing."""
    lacking = missing(request.user, consents.standing(request.user))
    if request.user.profile_completed_at or not lacking:
        return redirect("profile_step", "review")
    begun = any(getattr(request.user, name) for name in ("certificate_name", "country", "profession"))
    return redirect("profile_step", lacking[0]["step"] if begun else "name")


@login_required
@sensitive_post_parameters()
def step(request, step):
    if step == "review":
        return review(request)
    if step not in STEPS:
        raise Http404
    form = _form(request, step)
    if request.method == "POST" and form.is_valid():
        return _save(request, step, form)
    return render(request, form.template, _page(request, step, form), status=422 if form.errors else 200)


def _form(request, step):
    data = request.POST if request.method == "POST" else None
    if step == "consents":
        return ConsentsStep(data, standing=consents.standing(request.user))
    # A fresh row: a form that fails must not leave its values on the person the shell greets.
    return STEPS[step](data, instance=User.objects.get(pk=request.user.pk))


def _save(request, step, form):
    if step == "consents":
        consents.record(request.user, form.cleaned_data)
    else:
        form.save()
    following = "review" if _returns(request) else ORDER[ORDER.index(step) + 1]
    language = form.cleaned_data.get("language") or translation.get_language()
    with translation.override(language):
        response = redirect("profile_step", following)
    return _with_language_cookie(response, language) if step == "name" else response


def _returns(request):
    """Whether the person came from the review to change one thing."""
    return request.GET.get("from") == "review" or bool(request.user.profile_completed_at)


def _page(request, step, form):
    number = ORDER.index(step)
    back = reverse("profile_step", args=["review"]) if _returns(request) else None
    if back is None and number:
        back = reverse("profile_step", args=[ORDER[number - 1]])
    return {"form": form, "step": step, "number": number + 1, "total": len(STEPS), "back": back, "returns": _returns(request)}


# --- check answers -------------------------------------------------------------------------------------------------
def missing(user, standing):
    """What a profile cannot do without: [{step, anchor, text}]."""
    lacking = []
    if not user.certificate_name:
        lacking.append({"step": "name", "text": _("Write your name as it must read on the certificate.")})
    if not user.country:
        lacking.append({"step": "place", "text": _("Choose the country where you work.")})
    if not any(entry.required and entry.given for entry in standing):
        lacking.append({"step": "consents", "text": _("Agree to the training record to take part.")})
    return lacking


def review(request):
    standing = consents.standing(request.user)
    lacking = missing(request.user, standing)
    if request.method == "POST" and not lacking:
        if not request.user.profile_completed_at:
            request.user.profile_completed_at = timezone.now()
            request.user.save(update_fields=["profile_completed_at"])
            messages.success(request, _("Your profile is complete."))
        return redirect("today")
    errors = [{"text": entry["text"], "anchor": f"step-{entry['step']}"} for entry in lacking] if request.method == "POST" else []
    parts = [(name, STEPS[name].heading, STEPS[name](instance=request.user).summary()) for name in ("name", "place", "work")]
    context = {"parts": parts, "consents": standing, "errors": errors, "page_has_errors": bool(errors)}
    return render(request, "profile/review.html", context, status=422 if errors else 200)


# --- account -------------------------------------------------------------------------------------------------------
@login_required
def account(request):
    """GET shows; POST does one of: role (work as), language, withdraw or give (a consent's purpose)."""
    if request.method == "POST":
        for name, act in ACCOUNT_ACTS.items():
            if name in request.POST:
                return act(request, request.POST[name])
        return _account_page(request, status=422)
    return _account_page(request)


def _account_page(request, status=200):
    context = {
        "consents": consents.standing(request.user),
        "languages": LANGUAGE_NAMES.items(),
        "schemes": User.Scheme.choices,
        "asked_withdrawal": request.GET.get("withdraw") == consents.REQUIRED.value,
        "role": role_in_use(request),
    }
    return render(request, "profile/account.html", context, status=status)


def _work_as(request, role):
    if role not in roles_of(request):
        return _account_page(request, status=422)
    request.session["role"] = role
    return redirect("curriculum:cohorts" if role in ("trainer", "lead") else "today")


def _speak(request, language):
    if language not in dict(settings.LANGUAGES):
        return _account_page(request, status=422)
    request.user.language = language
    request.user.save(update_fields=["language"])
    with translation.override(language):
        messages.success(request, _("The language is changed."))
        response = redirect("account")
    return _with_language_cookie(response, language)


def _with_language_cookie(response, language):
    """For the few addresses without a language in them."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


def _withdraw(request, purpose):
    return _answer_consent(request, purpose, given=False)


def _give(request, purpose):
    return _answer_consent(request, purpose, given=True)


def _answer_consent(request, purpose, *, given):
    if purpose not in dict(consents.Consent.Purpose.choices):
        return _account_page(request, status=422)
    consents.record(request.user, {purpose: given})
    if not given and purpose == consents.REQUIRED.value:
        request.user.profile_completed_at = None
        request.user.save(update_fields=["profile_completed_at"])
    messages.success(request, _("Your consent is recorded.") if given else _("Your withdrawal is recorded."))
    return redirect(reverse("account") + "#consents")


ACCOUNT_ACTS = {"role": _work_as, "language": _speak, "withdraw": _withdraw, "give": _give}


@login_required
@require_POST
def colours(request):
    scheme = request.POST.get("color_scheme")
    if scheme not in User.Scheme.values:
        return _account_page(request, status=422)
    request.user.color_scheme = scheme
    request.user.save(update_fields=["color_scheme"])
    return redirect(reverse("account") + "#colours")
