"""Which messages a programme may put into its own words, and the {names} that each of them knows.

Not here: codes and sign-in, calendar mail and whatever consists of lists (summaries, the digest): their words carry structure.
"""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Name:
    """What `{name}` stands for. `sample` is the raw value of the context for previews (a date as ISO text).

    `part` is a template of the shipped words that is put in whole: sentences that promise something, or depend on the person.
    """

    meaning: Words
    sample: str | int = ""
    part: str = ""


@dataclass(frozen=True)
class Editable:
    """`link` is the key of the context behind `{link}`; `samples` fill what the words ask for besides the names.

    `neutral` takes their place where the shipped words become a text to start from: no sample may stay in it. `varies`: the
    subject says something else to each person ("selected", "not selected"), so the shipped one must stay in it.
    """

    title: Words
    button: Words
    names: dict[str, Name]
    link: str = "url"
    required: tuple[str, ...] = ("link",)
    samples: dict = field(default_factory=dict)
    neutral: dict = field(default_factory=dict)
    varies: bool = False


EVERYWHERE = {
    "name": Name(_("The person with title, as in the greeting. The greeting itself is always there.")),
    "site": Name(_("The name of this site.")),
    "link": Name(_("The button. Put it on a line of its own.")),
}
COHORT = Name(_("The name of the cohort."), "Cohorte 2027")
STARTS, ENDS = Name(_("First day of the cohort."), "2027-03-05"), Name(_("Last day of the cohort."), "2027-06-05")
EXPIRES = Name(_("Last day on which the link works."), "2027-03-26")
TITLE = Name(_("The title of what is asked or done."), "FLS")
CLOSING = Name(_("A sentence: until when it is open."), part="notifications/wave_open/closing.txt")
PROMISE = Name(_("A sentence: who sees the answers. It must stay."), part="notifications/wave_open/promise.txt")
LINK_WORDS = Name(_("A sentence: what the link opens."), part="notifications/wave_open/link.txt")
PREPARATION = Name(_("What the trainer asks to prepare; empty if nothing."), "")
OF_MEETINGS = {
    "day_on": "2027-03-05", "clock": "18:00", "twelve": "6:00 p. m.", "zone": "America/Mexico_City", "mode": "live", "elsewhere": [],
    "place": "", "materials": [], "preparation": "",
}  # fmt: skip
TIME = Name(_("Day and hour in the reader's own time, with the city. It must stay."), part="notifications/reminder_day/time.txt")
JOINING = Name(_("A sentence: where, or how to join."), part="notifications/reminder_day/joining.txt")


def own_subject(what):
    return {
        "shipped_subject": Name(
            _("The shipped subject, right for each person. It must stay in the subject."),
            part=f"notifications/{what}/subject.txt",
        )
    }


OF_WAVES = {"promise": "identified", "late": False, "closes_on": "2027-03-26", "place": "Bogotá", "questions": 12, "minutes": 10}

EDITABLE = {
    "invitation": Editable(
        _("Invitation to a cohort"),
        _("Read more and answer"),
        EVERYWHERE
        | {
            "opening": Name(
                _("The sentence that invites, with cohort and dates, for trainees or for trainers."), part="notifications/invitation/opening.txt"
            ),
            "commitments": Name(_("What it takes, as a list."), part="notifications/invitation/commitments.txt"),
            "cohort": COHORT, "curriculum": Name(_("The title of the curriculum."), "FLS"),
            "starts_on": STARTS, "ends_on": ENDS, "expires_on": EXPIRES,
        },
        link="secret_url",
        required=("link", "commitments"),
        samples={"role": "trainee", "hours": 20, "invited_by": ""},
    ),
    "invitation_renewed": Editable(
        _("New link to an invitation"),
        _("Open the invitation"),
        EVERYWHERE | {"cohort": COHORT, "starts_on": STARTS, "ends_on": ENDS, "expires_on": EXPIRES},
        link="secret_url",
    ),
    "wave_open": Editable(
        _("A questionnaire opens"),
        _("Read what is asked"),
        EVERYWHERE
        | {
            "title": TITLE, "cohort": COHORT, "asked": Name(_("A sentence: how many questions, how long."), part="notifications/wave_open/asked.txt"),
            "closing": CLOSING, "promise": PROMISE, "about_link": LINK_WORDS,
        },
        link="secret_url",
        required=("link", "promise"),
        samples=OF_WAVES,
        neutral={"closes_on": ""},
    ),
    "wave_nudge": Editable(
        _("A questionnaire is still open"),
        _("Answer now"),
        EVERYWHERE | {"title": TITLE, "cohort": COHORT, "closing": CLOSING, "promise": PROMISE, "about_link": LINK_WORDS},
        link="secret_url",
        required=("link", "promise"),
        samples=OF_WAVES,
        neutral={"closes_on": ""},
    ),
    "certificate_issued": Editable(
        _("A certificate is issued"),
        _("See the certificate"),
        EVERYWHERE | {"curriculum": Name(_("The title of the curriculum."), "FLS")},
    ),
    "certificate_renewal": Editable(
        _("A certificate is to be renewed"),
        _("See what the renewal takes"),
        EVERYWHERE
        | own_subject("certificate_renewal")
        | {
            "title": Name(_("The title of the curriculum."), "FLS"), "expires_on": Name(_("Last day of the certificate."), "2027-03-26"),
            "words": Name(_("What happens when, before and after the last day."), part="notifications/certificate_renewal/words.txt"),
        },
        required=("link", "words"),
        samples={"lapsed": False},
        varies=True,
    ),
    "selection": Editable(
        _("Selected, or not selected"),
        _("Go to the site"),
        EVERYWHERE
        | own_subject("selection")
        | {
            "cohort": COHORT,
            "decision": Name(_("The decision in a sentence, for those selected or those not."), part="notifications/selection/words.txt"),
            "next_step": Name(_("What comes next, for those selected or those not."), part="notifications/selection/next.txt"),
        },
        required=("link", "decision", "next_step"),
        samples={"selected": True, "starts_on": "2027-03-05", "ends_on": "2027-06-05"},
        varies=True,
    ),
    "reminder_day": Editable(
        _("Reminder the day before a meeting"),
        _("The page of the meeting"),
        EVERYWHERE
        | own_subject("reminder_day")
        | {
            "title": TITLE, "time": TIME, "joining": JOINING, "preparation": PREPARATION,
            "elsewhere": Name(_("The hour in other cities."), part="notifications/reminder_day/elsewhere.txt"),
            "materials": Name(_("What to look at before, as a list."), part="notifications/own_words/materials.txt"),
        },
        required=("link", "time", "joining"),
        samples=OF_MEETINGS,
        varies=True,
    ),
    "reminder_soon": Editable(
        _("Reminder just before a meeting"),
        _("The page of the meeting"),
        EVERYWHERE | own_subject("reminder_soon") | {"title": TITLE, "time": TIME, "joining": JOINING},
        required=("link", "time", "joining"),
        samples=OF_MEETINGS,
        varies=True,
    ),
}  # fmt: skip
