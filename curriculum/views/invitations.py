"""What the mailed link opens. Looking never uses it up (mail scanners look too); accepting and declining are posts."""

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from curriculum import cohorts, roles
from curriculum.enrollment_states import Refused, Status
from curriculum.forms import DeclineForm

SESSION_KEY = "invitation"  # the adapter of lms accepts the invitation of this number once the person has signed in


@method_decorator([never_cache, sensitive_variables("token")], name="dispatch")
class Landing(View):
    """What is asked, and two answers: "Accept the invitation" and "I cannot take part"."""

    def dispatch(self, request, token):
        self.token = token
        self.invitation = cohorts.find_invitation(token)
        if self.invitation is None:
            return self.show("unknown", 404)
        self.enrollment = self.invitation.enrollment
        self.somebody_else = request.user.is_authenticated and request.user.pk != self.enrollment.user_id
        if self.somebody_else:
            return self.show("somebody_else", 200 if request.method in ("GET", "HEAD") else 409)
        if not self.stands():
            return self.closed()
        return super().dispatch(request, token=token)

    def stands(self):
        cohort_open = self.enrollment.cohort.status != self.enrollment.cohort.Status.CLOSED
        return self.invitation.is_open and self.enrollment.status == Status.SELECTED and cohort_open

    def get(self, request, token):
        return self.show("landing")

    def post(self, request, token):
        return self.decline() if request.POST.get("answer") == "decline" else self.accept()

    def accept(self):
        """Enrols the signed-in invited person at once; anybody else proves the address with a mailed code first."""
        if self.request.user.is_authenticated:
            try:
                cohorts.accept(self.invitation, self.request.user)
            except Refused as refusal:
                return self.show("landing", 409, refusal=refusal.text)
            roles.forget(self.request.user)
            return redirect(resolve_url(settings.LOGIN_REDIRECT_URL))
        person = self.enrollment.user
        if not person.is_active:
            return self.show("landing", 403, refusal=_("This account is closed. Write to %(contact)s.") % _contact())
        if not ratelimit.consume(self.request, action="request_login_code", key=person.email.lower()):
            text = _("Several codes were sent already. Look in your mail, or wait five minutes and accept again.")
            return self.show("landing", 429, refusal=text)
        self.request.session[SESSION_KEY] = self.invitation.pk
        LoginCodeVerificationProcess.initiate(request=self.request, user=person, email=person.email)
        return redirect("account_confirm_login_code")

    def decline(self):
        form = DeclineForm(self.request.POST)
        if not form.is_valid():
            return self.show("landing", 422, form=form)
        try:
            cohorts.decline(self.invitation, form.cleaned_data["reason"])
        except Refused as refusal:
            return self.show("landing", 409, refusal=refusal.text)
        return self.show("declined")

    def closed(self):
        """The link was used, has run out or was replaced. A person who is in already goes on to their day."""
        request, member = self.request, self.enrollment.status in self.enrollment.MEMBER_STATES
        if member and request.user.is_authenticated:
            return redirect(resolve_url(settings.LOGIN_REDIRECT_URL))
        if self.invitation.declined_at and self.enrollment.status == Status.DECLINED:
            return self.show("declined")
        return self.show("closed", 410, member=member)

    def show(self, page, status=200, **context):
        if self.invitation is not None:
            context = {**self.about(), "form": DeclineForm(), **context}
        context["token"] = self.token
        response = render(self.request, f"curriculum/invitations/{page}.html", context, status=status)
        response["X-Robots-Tag"] = "noindex"
        return response

    def about(self):
        cohort = self.enrollment.cohort
        return {
            "invitation": self.invitation,
            "enrollment": self.enrollment,
            "cohort": cohort,
            "role": self.enrollment.role,
            "facts": cohorts.facts(cohort),
        }


landing = Landing.as_view()


@require_POST
@never_cache
@sensitive_variables("token")
def renew(request, token):
    """Sends a new link to the invited address if there is reason to. The answer is the same whatever happened."""
    invitation = cohorts.find_invitation(token)
    if invitation is not None:
        cohorts.renew(invitation)
    messages.success(
        request,
        _("If the invitation still stands, a new link is on its way to the invited address. Look in the unwanted mail too.")
        + " "
        + _("If nothing comes within an hour, write to %(contact)s.") % _contact(),
    )
    return redirect("curriculum:invitation", token)


def _contact():
    return {"contact": settings.CONTACT_EMAIL}
