"""What people agree to, in versioned words. Rows are only ever added: the newest row of a purpose is what stands."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext_lazy

from curriculum.models import Consent

# The wording stands in lms/templates/profile/consents/. A change of meaning there is a new version here.
CONSENT_VERSION = "2026-11"
REQUIRED = Consent.Purpose.TRAINING_RECORD
TITLES = {
    Consent.Purpose.TRAINING_RECORD: gettext_lazy("Your training record"),
    Consent.Purpose.EVALUATION: gettext_lazy("Evaluation of the programme"),
    Consent.Purpose.DIRECTORY: gettext_lazy("Public directory of mentors"),
}


@dataclass(frozen=True)
class Standing:
    purpose: str
    title: str
    given: bool
    asked: bool
    version: str
    at: datetime | None
    required: bool

    @property
    def template(self):
        return f"profile/consents/{self.purpose}.html"


def standing(user):
    """What holds now for each purpose, in the order of asking. One query."""
    newest = {consent.purpose: consent for consent in Consent.objects.filter(user=user).order_by("at", "pk")}
    return [_standing(purpose, newest.get(purpose)) for purpose in TITLES]


def wordings():
    """The present wording of each purpose, as nobody has answered it. No query."""
    return [_standing(purpose, None) for purpose in TITLES]


def _standing(purpose, consent):
    return Standing(
        purpose=str(purpose.value),
        title=TITLES[purpose],
        given=bool(consent and consent.given),
        asked=consent is not None,
        version=consent.version if consent else "",
        at=consent.at if consent else None,
        required=purpose == REQUIRED,
    )


def record(user, answers):
    """Adds a row for each answer ({purpose: bool}) that differs from what stands, or that agrees to newer words."""
    now = {entry.purpose: entry for entry in standing(user)}
    rows = [
        Consent(user=user, purpose=purpose, version=CONSENT_VERSION, language=get_language(), given=given)
        for purpose, given in answers.items()
        if _is_news(now[purpose], given)
    ]
    Consent.objects.bulk_create(rows)
    return rows


def _is_news(entry, given):
    if not entry.asked or entry.given != given:
        return True
    return given and entry.version != CONSENT_VERSION
