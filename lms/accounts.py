"""Where allauth meets the programme: closed sign-up, mail in the reader's language, invitations taken up at sign-in."""

import secrets
from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.cryptokit import generate_user_code
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

CODES_ARE_OF_USE = timedelta(minutes=15)  # the longest that allauth accepts one; a later mail would only mislead
INVITATION = "invitation"  # the session key under which an opened invitation waits for its person to sign in


def display_name(user):
    return user.get_full_name()


class AccountAdapter(DefaultAccountAdapter):
    # --- who may have an account ---
    def is_open_for_signup(self, request):
        """Accounts begin with an invitation to a cohort, never with a form."""
        return False

    # --- codes: six digits, typed from a phone's mail into the same phone ---
    def generate_login_code(self):
        return generate_user_code(length=6, numeric=True, dashed=False)

    generate_password_reset_code = generate_email_verification_code = generate_login_code

    # --- mail ---
    def send_mail(self, template_prefix, email, context):
        """Through the outbox, in the reader's language.

        The page answers at once whether or not the address is known: a mail server's second would tell the two apart.
        """
        from notifications import outbox  # noqa: PLC0415 -- the adapter is imported before the models

        user = context.get("user") or get_user_model().objects.filter(email__iexact=email).first()
        if user is None:
            return
        language = user.language or translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            words = {**context, "email": email, "site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL}
            mail = self.render_mail(template_prefix, email, words)
        outbox.enqueue(
            "account",
            user,
            dedupe_key=f"account:{secrets.token_hex(16)}",
            context={"secret_subject": mail.subject, "secret_text": mail.body},
            language=language,
            to=email,
            expires_at=timezone.now() + CODES_ARE_OF_USE if "code" in context else None,
        )

    def format_email_subject(self, subject):
        return f"{subject} · {settings.SITE_NAME}"

    # --- after signing in ---
    def get_login_redirect_url(self, request):
        """The person's own first page, in the person's own language."""
        with translation.override(request.user.language or translation.get_language()):
            return reverse("today")

    def get_logout_redirect_url(self, request):
        return reverse("front")

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        if INVITATION not in request.session:
            return response
        return take_up_invitation(request, user)


def invited(request):
    """The open invitation that waits in this session, or `None`. No query without one."""
    from curriculum.models import Invitation  # noqa: PLC0415

    pk = request.session.get(INVITATION)
    return Invitation.objects.select_related("enrollment__user", "enrollment__cohort").filter(pk=pk).first() if pk else None


def take_up_invitation(request, user):
    """Accepts the waiting invitation for the person it is for and sends them on: to the profile first, then to Today."""
    from curriculum import cohorts, roles  # noqa: PLC0415

    invitation = invited(request)
    request.session.pop(INVITATION, None)
    if invitation is not None:
        try:
            cohorts.accept(invitation, user)
        except cohorts.Refused as refusal:
            messages.warning(request, refusal.text)
        roles.forget(user)
    with translation.override(user.language or translation.get_language()):
        return HttpResponseRedirect(reverse("today" if user.profile_completed_at else "profile"))
