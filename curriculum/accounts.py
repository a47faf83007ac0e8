"""Accounts begin here: somebody adds a person to a cohort, and there may be no account for the address yet."""

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused

PROFILE = ("full_name", "title", "country", "city", "time_zone", "language", "profession", "hospital")
LONGEST_ADDRESS = 254


def clean_address(email):
    """The address in the one spelling we keep, or `Refused`."""
    email = str(email).strip().lower()
    try:
        email.encode()
        validate_email(email)
        if len(email) > LONGEST_ADDRESS:
            raise ValidationError("too long")
    except (ValidationError, UnicodeError):
        raise Refused(_("Write an e-mail address such as name@hospital.org."), "email") from None
    return email


def account_for(email, **profile):
    """The account of the address: the existing one with its empty fields filled in, or a new one without a password."""
    users = get_user_model().objects
    profile = {name: value for name, value in profile.items() if name in PROFILE and value}
    user = users.filter(email__iexact=email).first()
    if user is None:
        try:
            with transaction.atomic():
                user = users.create_user(email, **profile)
                # Not verified: only the mailed link or a mailed code shows whose address it is.
                EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
                return user
        except IntegrityError:
            user = users.get(email__iexact=email)
    missing = missing_of(user, profile)
    if missing:
        for name, value in missing.items():
            setattr(user, name, value)
        user.save(update_fields=list(missing))
    return user


def missing_of(user, profile):
    """What of `profile` the person has not said yet. What people wrote about themselves is never overwritten."""
    return {name: value for name, value in profile.items() if name in PROFILE and value and not getattr(user, name)}
