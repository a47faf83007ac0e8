"""A series that is planned through its form: what somebody types, and the way over the preview."""

import datetime
import re
import uuid
import zoneinfo

from django.utils import timezone
from wagtail.models import Locale

from sessions.models import LiveSessionPage
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum
from tests.sessions.planning import signed, text_of, url

MEXICO = "America/Mexico_City"
SEEN = re.compile(r'name="seen" value="([0-9a-f]*)"')
TUESDAY = 1


def coming(weekday=TUESDAY, weeks=2):
    """The weekday (Monday is 0), so many weeks ahead."""
    day = timezone.now().astimezone(zoneinfo.ZoneInfo(MEXICO)).date() + datetime.timedelta(weeks=weeks)
    return day + datetime.timedelta(days=(weekday - day.weekday()) % 7)


def written(**changed):
    """What somebody types into the form of a series: six Tuesdays at 18:00 in Mexico City."""
    usual = {
        "key": str(uuid.uuid4()), "seen": "", "pattern": "Sesión {n}: {titulo}", "count": "6", "first_day": coming().isoformat(),
        "hour": "18:00", "time_zone": MEXICO, "rhythm": "every", "every": "1", "unit": "7", "minutes": "90", "skip": "", "linked": "on",
        "use_template": "on", "guests": "", "language": "es", "mode": "live", "place": "", "engine": "none", "conference_url": "",
        "closing_title": "", "closing_day": "", "closing_hour": "09:00", "closing_minutes": "480", "closing_place": "", "closing_url": "",
        "state": "draft",
    }  # fmt: skip
    return {**usual, **changed}


def with_sessions(count=6):
    """A cohort whose programme has so many live sessions, its lead and a signed-in client."""
    curriculum = make_curriculum(modules=1, lessons=1)
    titles = ("Bienvenida", "Identificar", "Investigar", "Iniciar", "Integrar", "Sostener")
    for language in ("es", "pt-br", "en"):
        module = curriculum.page(curriculum.module_keys[0], language)
        for number in range(count):
            page = LiveSessionPage(
                title=f"{titles[number]} ({language})" if language != "es" else titles[number], slug=f"live{number}",
                locale=Locale.objects.get(language_code=language), translation_key=uuid.UUID(int=number + 1), minutes=90, number=number + 1,
            )  # fmt: skip
            module.add_child(instance=page)
    return led(CohortFactory(curriculum_key=curriculum.key))


def led(cohort=None, **person):
    cohort = cohort or CohortFactory()
    lead = EnrollmentFactory(cohort=cohort, role="lead", user=UserFactory(**person)).user
    return cohort, lead, signed(lead)


def address(cohort, copy=None):
    return f"{url('plan_series')}?cohort={cohort.pk}" + (f"&copy={copy.pk}" if copy else "")


def previewed(client, cohort, form, *, copy=None, status=200):
    return text_of(client.post(address(cohort, copy), {**form, "preview": "1"}), status)


def create(client, cohort, form, *, copy=None):
    """Over the preview, as people do; the answer to the second post."""
    seen = SEEN.search(previewed(client, cohort, form, copy=copy))[1]
    return client.post(address(cohort, copy), {**form, "seen": seen, "create": "1"})


def lives_in(cohort, *zones, country=""):
    return [EnrollmentFactory(cohort=cohort, user=UserFactory(time_zone=zone, country=country)).user for zone in zones]
