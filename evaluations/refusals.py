"""Why an answer, an opening or a sending was not taken. Everything that answers raises these (evaluations/answering.py)."""

from django.utils.translation import gettext as _


class Refused(Exception):
    """Why not, in the reader's language. `code` is for programs, `status` for HTTP, `url` leads to what would help."""

    code, status = "refused", 409

    def __init__(self, text, url=None):
        super().__init__(str(text))
        self.text, self.url = str(text), url


class NotAllowed(Refused):
    """The enrolment is paused or ended, or the module is locked."""

    code, status = "not_allowed", 403


class Closed(Refused):
    code = "closed"


class TimeEnded(Closed):
    """The clock of a timed attempt has run out."""

    code = "time_ended"


class NotAsked(Refused):
    """The question stands behind a branch that the person's own answers do not take."""

    code = "not_asked"


class Conflict(Refused):
    """The same id came with another value or another question."""

    code = "conflict"


class Incomplete(Refused):
    """Required questions without an answer, in `questions`."""

    code, status = "incomplete", 422

    def __init__(self, questions):
        super().__init__(_("Some questions still need an answer."))
        self.questions = questions
