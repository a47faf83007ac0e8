"""The kinds of message a person can choose about, and which messages belong to which kind.

`what` is the name of a message (a folder of templates); a kind is what a person sees in their settings: "Reminders a day before".
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """`must`: cannot be turned off (codes, one's own account, what one asked for). `mail`: on unless the person says otherwise.

    `notice`: also a line on the site. `quiet`: waits for the end of the person's quiet hours. `digest`: may be gathered into one mail.
    `text`: may go to a telephone as well, if the person confirmed one and asked for it.
    """

    key: str
    name: str | Promise
    about: str | Promise
    whats: tuple[str, ...]
    must: bool = False
    mail: bool = True
    notice: bool = True
    quiet: bool = True
    digest: bool = False
    text: bool = False


KINDS = (
    Kind("account", _("Your account"), _("Codes, and changes of your sign-in."), ("account",), must=True, notice=False, quiet=False),
    Kind("invitation", _("Invitations to the programme"), _("The link with which you join a cohort."), ("invitation", "invitation_renewed"), must=True, notice=False, quiet=False),
    Kind("selection", _("Selection"), _("Whether you were selected for a cohort."), ("selection",), must=True, quiet=True),
    Kind("meetings", _("Meetings"), _("Calendar entries: new meetings, other hours, meetings called off."), ("meeting_request", "meeting_update", "meeting_cancel", "place_free"), quiet=False),
    Kind("reminder_day", _("Reminder the day before a meeting"), _("24 hours before it begins."), ("reminder_day",), text=True),
    Kind("reminder_soon", _("Reminder just before a meeting"), _("15 minutes before it begins."), ("reminder_soon",), mail=False, notice=False, quiet=False, text=True),
    Kind("summaries", _("Summaries of meetings"), _("Decisions, actions, notes and the recording."), ("meeting_summary",), digest=True),
    Kind("questionnaires", _("Questionnaires"), _("When one opens that asks you."), ("wave_open",), digest=True),
    Kind("nudges", _("What is still open"), _("At most one a week about the same thing."), ("wave_nudge", "commitment_reminder", "attention"), digest=True),
    Kind("follow_ups", _("Commitments and follow-up"), _("What became of what you set out to do."), ("commitment_follow_up",), digest=True),
    Kind("grading", _("Your work"), _("When a trainer has judged what you handed in."), ("assignment_judged", "teach_back_settled"), digest=True),
    Kind("certificates", _("Certificates"), _("Issued, revoked, or to be renewed."), ("certificate_issued", "certificate_revoked", "certificate_renewal"), must=True),
    Kind("duties", _("Leading a regional meeting"), _("Your group's turn, and the steps of its checklist."), ("meeting_duty", "checklist_step"), digest=True, text=True),
    Kind("personal", _("Messages from trainers and leads"), _("Written to you by a person."), ("personal",)),
    Kind("exports", _("Files you asked for"), _("When an export is ready."), ("export_ready", "wording_test"), must=True, quiet=False),
    Kind("digest", _("The digest itself"), _("One mail with what was gathered."), ("digest",), must=True, notice=False),
)  # fmt: skip
BY_KEY = {kind.key: kind for kind in KINDS}
BY_WHAT = {what: kind for kind in KINDS for what in kind.whats}


def kind_of(what):
    """The kind of the message `what` ("account/…" and the like belong to "account"). KeyError for a message nobody has put here."""
    return BY_WHAT[what.partition("/")[0]]
