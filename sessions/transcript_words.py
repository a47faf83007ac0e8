"""Words of states that the page and the PDF of a transcript share."""

from django.utils.translation import gettext_lazy as _

from sessions.models import Outcome, RoomQuestion

REDACTED = _("(taken back)")


def what_words(what):
    return str(Outcome.What(what).label).capitalize()


def state_words(state):
    return str(RoomQuestion.State(state).label)
