"""The holder's page, the file, and a lead's acts: issue, renew, revoke."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum import certificate_pdf, certification, roles
from curriculum.models import Certificate, Enrollment


class RevokeForm(forms.Form):
    revoke_class = forms.ChoiceField(
        label=gettext_lazy("Why is it revoked?"),
        help_text=gettext_lazy("This class is shown to everyone who checks the code."),
        choices=Certificate.RevokeClass.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the class of the reason.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the register, never shown to the public. At most 500 characters."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": gettext_lazy("Write the reason for revoking the certificate."),
            "max_length": gettext_lazy("Shorten the reason to %(limit_value)s characters."),
        },
    )


# --- the holder ------------------------------------------------------------------------------------------------------


@login_required
@require_GET
def mine(request):
    """What the person holds, and for each programme they are in without a certificate, what is missing."""
    held = list(Certificate.objects.filter(enrollment__user=request.user).select_related("enrollment__user", "renewal"))
    standing = {certificate.enrollment_id for certificate in held if certificate.is_standing}
    enrollments = Enrollment.objects.filter(user=request.user, role=Enrollment.Role.TRAINEE, status__in=Enrollment.MEMBER_STATES)
    open_enrollments = enrollments.exclude(pk__in=standing).select_related("cohort", "user").order_by("-enrolled_at", "-pk")
    context = {
        "held": [_held(certificate) for certificate in held],
        "open": [_open(enrollment) for enrollment in open_enrollments],
    }
    return render(request, "curriculum/certificates/mine.html", context)


def _held(certificate):
    return {
        "certificate": certificate,
        "outcome": certification.outcome_of(certificate),
        "address": certificate_pdf.public_address(certificate),
        "renewable_from": certification.renewable_from(certificate),
        "renewable": _renewable(certificate),
    }


def _renewable(certificate):
    first_day = certification.renewable_from(certificate)
    return first_day is not None and first_day <= certification.today()


def _open(enrollment):
    requirements = certification.requirements_of(enrollment)
    return {
        "enrollment": enrollment,
        "title": certification.title_of(enrollment),
        "requirements": requirements,
        "ready": certification.meets_all(requirements),
    }


@login_required
@require_GET
@cache_control(private=True, no_store=True)
def pdf(request, code):
    """The file, for its holder and those who run the cohort. A revoked certificate has none."""
    certificate = _find(request, code)
    if certificate.revoked_at:
        raise Http404
    name = f"{slugify(certificate.name)[:60] or 'certificate'}-{certificate.grouped_code}.pdf"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(certification.draw_pdf(certificate), content_type="application/pdf", headers=headers)


@login_required
@require_POST
def name_public(request, code):
    """The holder alone chooses between name and initials; the state wanted is in the form, so a repeated press is harmless."""
    certificate = _find(request, code)
    roles.require(certificate.enrollment.user_id == request.user.pk)
    public = request.POST.get("public") == "1"
    certification.show_name(certificate, public)
    shown = (
        _("The verification page now shows your name.") if public else _("The verification page now shows your initials only.")
    )
    messages.success(request, shown)
    return redirect("curriculum:certificate")


# --- a lead ----------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def issue(request, pk):
    enrollments = Enrollment.objects.accessible_to(request.user).select_related("cohort", "user")
    enrollment = get_object_or_404(enrollments, pk=pk)
    roles.require(roles.leads(request.user, enrollment.cohort))
    context = {"enrollment": enrollment, "requirements": certification.requirements_of(enrollment)}
    context |= {"ready": certification.meets_all(context["requirements"]), "title": certification.title_of(enrollment)}
    return _act(
        request,
        enrollment,
        "issue",
        context,
        lambda: certification.issue(enrollment, request.user),
        _("Certificate %(code)s issued. The person is told by e-mail."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def renew(request, code):
    certificate = _find_to_act(request, code)
    enrollment = certificate.enrollment
    context = {"certificate": certificate, "enrollment": enrollment, "requirements": certification.requirements_of(enrollment)}
    context |= {"renewable_from": certification.renewable_from(certificate), "renewable": _renewable(certificate)}
    context["ready"] = certification.meets_all(context["requirements"])
    return _act(
        request,
        enrollment,
        "renew",
        context,
        lambda: certification.renew(certificate, request.user),
        _("Certificate renewed. The new code is %(code)s; the person is told by e-mail."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request, code):
    certificate = _find_to_act(request, code)
    form = RevokeForm(request.POST or None)
    context = {"certificate": certificate, "enrollment": certificate.enrollment, "form": form}
    if request.method == "POST" and not form.is_valid():
        return render(request, "curriculum/certificates/revoke.html", context, status=400)
    return _act(
        request,
        certificate.enrollment,
        "revoke",
        context,
        lambda: certification.revoke(certificate, request.user, **form.cleaned_data),
        _("Certificate %(code)s revoked. Whoever checks its code sees that from now on."),
    )


def _act(request, enrollment, name, context, act, said):
    """Asks before, acts on POST, and says why not where it is refused (409)."""
    if request.method == "GET":
        return render(request, f"curriculum/certificates/{name}.html", context)
    try:
        certificate = act()
    except certification.Refused as refusal:
        context |= {"refusal": refusal, "page_has_errors": True}
        return render(request, f"curriculum/certificates/{name}.html", context, status=409)
    messages.success(request, said % {"code": certificate.grouped_code})
    return redirect("curriculum:enrollment", enrollment.pk)


def _find(request, code):
    certificates = Certificate.objects.accessible_to(request.user).select_related("enrollment__user", "enrollment__cohort")
    return get_object_or_404(certificates, code=certification.clean_code(code))


def _find_to_act(request, code):
    certificate = _find(request, code)
    roles.require(roles.leads(request.user, certificate.enrollment.cohort))
    return certificate
