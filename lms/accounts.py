"""Where allauth meets the programme: closed sign-up, mail in the reader's language, invitations taken up at sign-in."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils import translation


def display_name(user):
    return user.get_full_name()


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Accounts begin with an invitation to a cohort, never with a form."""
        return False

    def send_mail(self, template_prefix, email, context):
        user = context.get("user")
        language = getattr(user, "language", "") or translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            super().send_mail(template_prefix, email, {**context, "site_name": settings.SITE_NAME})

