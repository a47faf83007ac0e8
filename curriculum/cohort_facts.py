"""Small facts about a cohort that acts, pages and mails share."""

from django.utils import timezone

from curriculum.outline import outline_of
from notifications import clocks


def zone_of(cohort):
    return clocks.zone(cohort.time_zone)


def is_late(enrollment, cohort):
    """Whether the person joined after the first day, by the cohort's calendar."""
    return bool(enrollment.enrolled_at) and timezone.localdate(enrollment.enrolled_at, zone_of(cohort)) > cohort.starts_on


def facts(cohort, language=None):
    """What an invited person reads about the cohort, as JSON: its name, curriculum, dates and hours of study."""
    outline = outline_of(cohort)
    minutes = sum(activity.minutes for activity in outline.activities if activity.required)
    return {
        "cohort": cohort.name,
        "curriculum": outline.title(language),
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "hours": round(minutes / 60) or (1 if minutes else 0),
    }
