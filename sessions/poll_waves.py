"""Votes that also count in a wave: the vote is saved as the answer in the person's open response, which they send themselves.

The room comes first. Where the wave cannot take the answer (closed for this person, sent already, a newer version of the questionnaire,
a paused place) the vote counts in the room all the same, and the person is told in words. People whom the wave does not ask (who runs
the meeting, guests) vote in the room only.
"""

import uuid

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curriculum.models import Enrollment
from evaluations import answering, wave_hours, wave_opening
from evaluations.refusals import Refused

NAMESPACE = uuid.UUID("5f0b1d0e-6c0e-4d53-9a4c-0f6f6f2f6a11")


def shut_because(poll, user_id):
    """Why the wave takes no answers now, by the clock of the person who wants to open the poll; "" where it does."""
    return wave_hours.shut_because(poll.wave, get_user_model().objects.get(pk=user_id)) if poll.wave_id else ""


def save(poll, question, user_id, value, cid):
    """Returns "" or the sentence for the person. The same `cid` again changes nothing."""
    enrollments = Enrollment.objects.select_related("user", "cohort").filter(user_id=user_id, cohort_id=poll.wave.cohort_id)
    enrollment = next((one for one in enrollments if wave_hours.asks(poll.wave, one)), None)
    if enrollment is None:
        return ""
    try:
        with transaction.atomic():
            response = wave_opening.open_wave(enrollment, poll.wave, get_language())
            answering.save_answer(response, question, value, client_id=uuid.uuid5(NAMESPACE, f"{poll.pk}:{user_id}:{cid}"))
    except Refused as refusal:
        return _not_added(refusal.text)
    except ValidationError as error:
        return _not_added(error.messages[0])
    return ""


def _not_added(why):
    return _("Your vote counts here in the room. It was not added to the questionnaire: %(why)s") % {"why": why}
