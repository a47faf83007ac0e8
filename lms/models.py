"""The account, and nothing else: the user and Wagtail's pages in one first migration would make a circle."""

import zoneinfo

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField


def validate_time_zone(value):
    """`value` is an IANA zone name (RFC 6557) that this machine's tzdata knows."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone from the list."), code="unknown_zone")


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """A person, known by one e-mail address. Names are kept as the person wrote them."""

    class Profession(models.TextChoices):
        ORTHOPAEDICS = "orthopaedics", _("Orthopaedic surgery")
        REHABILITATION = "rehabilitation", _("Rehabilitation")
        RHEUMATOLOGY = "rheumatology", _("Rheumatology")
        ENDOCRINOLOGY = "endocrinology", _("Endocrinology")
        GERIATRICS = "geriatrics", _("Geriatrics")
        GYNAECOLOGY = "gynaecology", _("Gynaecology")
        INTERNAL_MEDICINE = "internal_medicine", _("Internal medicine")
        NURSING = "nursing", _("Nursing")
        PHYSIOTHERAPY = "physiotherapy", _("Physiotherapy")
        COORDINATION = "coordination", _("FLS coordination")
        OTHER = "other", _("Other")

    class HasService(models.TextChoices):
        YES = "yes", _("Yes")
        STARTING = "starting", _("It is being set up")
        NO = "no", _("No")
        UNKNOWN = "unknown", _("I do not know")

    class Scheme(models.TextChoices):
        DEVICE = "", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = None
    first_name = last_name = None
    email = models.EmailField(_("e-mail address"), unique=True)
    title = models.CharField(_("title"), max_length=20, blank=True, help_text=_("For example: Dra., Dr., Enf."))
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    certificate_name = models.CharField(_("name on the certificate"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    profession = models.CharField(_("profession or specialty"), max_length=30, blank=True, choices=Profession)
    specialty = models.CharField(_("specialty in your own words"), max_length=100, blank=True)
    hospital = models.CharField(_("hospital or institution"), max_length=200, blank=True)
    has_service = models.CharField(_("is there an FLS where you work?"), max_length=10, blank=True, choices=HasService)
    color_scheme = models.CharField(_("colours"), max_length=5, blank=True, choices=Scheme)
    profile_completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self):
        return self.get_full_name()

    def get_full_name(self):
        return self.full_name or self.certificate_name or self.email

    def get_short_name(self):
        return self.get_full_name()

    @property
    def addressed_as(self):
        """Title and name as one would greet the person: "Dra. Ana Pérez"."""
        return f"{self.title} {self.get_full_name()}".strip()

    @property
    def zone(self):
        return zoneinfo.ZoneInfo(self.time_zone or "UTC")
