"""Which messages a programme may put into its own words, and the {names} that each of them knows.

Every kind of message but two. Codes and sign-in (`account/…`) are the words by which people tell our mail from a fraud, and whoever
could reword them could send everybody a link of their own from our address. The test of own words (`wording_test`) says that it is one.
Calendar files are not words: what stands in an entry comes from the meeting.
"""

from django.utils.translation import gettext_lazy as _

from notifications.editable_meetings import OF_MEETINGS
from notifications.editable_names import (
    COHORT,
    COMMENT,
    CURRICULUM,
    EVERYWHERE,
    NAMED,
    TITLE,
    Editable,
    Name,
    own_subject,
    part,
)

STARTS, ENDS = Name(_("First day of the cohort."), "2027-03-05"), Name(_("Last day of the cohort."), "2027-06-05")
EXPIRES = Name(_("Last day on which the link works."), "2027-03-26")
CLOSING = part(_("A sentence: until when it is open."), "wave_open/closing")
PROMISE = part(_("A sentence: who sees the answers. It must stay."), "wave_open/promise")
LINK_WORDS = part(_("A sentence: what the link opens."), "wave_open/link")
COMMITMENTS = part(_("What the person wrote, as a list. It must stay."), "commitment_reminder/commitments")
MADE = Name(_("The day on which it was written."), "2027-03-05")
OF_WAVES = {"promise": "identified", "late": False, "closes_on": "2027-03-26", "place": "Bogotá", "questions": 12, "minutes": 10}


def judged(what):
    return part(_("The decision in a sentence. It must stay."), f"{what}/words")


EDITABLE = {
    "invitation": Editable(
        _("Invitation to a cohort"),
        _("Read more and answer"),
        EVERYWHERE
        | {
            "opening": part(_("The sentence that invites, with cohort and dates, for trainees or for trainers."), "invitation/opening"),
            "commitments": part(_("What it takes, as a list."), "invitation/commitments"),
            "cohort": COHORT, "curriculum": CURRICULUM, "starts_on": STARTS, "ends_on": ENDS, "expires_on": EXPIRES,
        }
        | own_subject("invitation", stays=False),
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
    "selection": Editable(
        _("Selected, or not selected"),
        _("Go to the site"),
        EVERYWHERE
        | own_subject("selection")
        | {
            "cohort": COHORT, "decision": part(_("The decision in a sentence, for those selected or those not."), "selection/words"),
            "next_step": part(_("What comes next, for those selected or those not."), "selection/next"),
            "opens": part(_("A sentence: what the button opens."), "selection/reads"),
        },
        required=("link", "decision", "next_step"),
        samples={"selected": True, "starts_on": "2027-03-05", "ends_on": "2027-06-05"},
        varies=True,
    ),
    **OF_MEETINGS,
    "wave_open": Editable(
        _("A questionnaire opens"),
        _("Read what is asked"),
        EVERYWHERE
        | {
            "title": TITLE, "cohort": COHORT, "asked": part(_("A sentence: how many questions, how long."), "wave_open/asked"),
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
        EVERYWHERE
        | {
            "title": TITLE, "cohort": COHORT, "state": part(_("A sentence: it is still open, or the answers have not come in."), "wave_nudge/words"),
            "closing": CLOSING, "promise": PROMISE, "about_link": LINK_WORDS,
        }
        | own_subject("wave_nudge", stays=False),
        link="secret_url",
        required=("link", "promise"),
        samples=OF_WAVES,
        neutral={"closes_on": ""},
    ),
    "attention": Editable(
        _("A reminder of what is open for a person"),
        _("Continue"),
        EVERYWHERE
        | {
            "cohort": COHORT, "opening": part(_("A sentence: who reminds."), "attention/opening"),
            "open": part(_("What is open for the person, as a list. It must stay."), "attention/lines"),
        },
        required=("link", "open"),
        samples={"by_name": "", "lines": [{"text": "…", "url": "…"}]},
        private=("lines", "by_name"),
    ),
    "commitment_reminder": Editable(
        _("A reminder of one's commitments"),
        _("See my commitments"),
        EVERYWHERE | {"made_on": MADE, "commitments": COMMITMENTS},
        required=("link", "commitments"),
        samples={"secret_commitments": ["…"]},
    ),
    "commitment_follow_up": Editable(
        _("What became of one's commitments"),
        _("Say what became of it"),
        EVERYWHERE
        | {
            "made_on": MADE, "opening": part(_("A sentence: how long ago it was written."), "commitment_follow_up/opening"),
            "commitments": COMMITMENTS, "until_on": Name(_("Last day for the answer."), "2027-03-26"),
        },
        required=("link", "commitments"),
        samples={"secret_commitments": ["…"], "months": 3},
    ),
    "assignment_judged": Editable(
        _("A trainer has judged a text"),
        _("See your text"),
        EVERYWHERE
        | own_subject("assignment_judged")
        | {"title": TITLE, "decision": judged("assignment_judged"), "comment": COMMENT},
        required=("link", "decision", "comment"),
        samples={"accepted": True, "comment": "…"},
        varies=True,
        private=("comment",),
    ),
    "teach_back_settled": Editable(
        _("A simulation was observed"),
        _("See the criteria and the marks"),
        EVERYWHERE
        | own_subject("teach_back_settled")
        | {"title": TITLE, "decision": judged("teach_back_settled"), "comment": COMMENT},
        required=("link", "decision", "comment"),
        samples={"reached": True, "comment": "…"},
        varies=True,
        private=("comment",),
    ),
    "certificate_issued": Editable(
        _("A certificate is issued"),
        _("See the certificate"),
        EVERYWHERE
        | {
            "curriculum": CURRICULUM, "genuine": part(_("Where anybody can check that it is genuine."), "certificate_issued/verify"),
            "valid": part(_("A sentence: until when it is valid; empty without an end."), "certificate_issued/valid"),
        },
        samples={"verify_url": "…", "expires_on": "2027-03-26"},
    ),
    "certificate_renewal": Editable(
        _("A certificate is to be renewed"),
        _("See what the renewal takes"),
        EVERYWHERE
        | own_subject("certificate_renewal")
        | {
            "title": CURRICULUM, "expires_on": Name(_("Last day of the certificate."), "2027-03-26"),
            "words": part(_("What happens when, before and after the last day."), "certificate_renewal/words"),
        },
        required=("link", "words"),
        samples={"lapsed": False},
        varies=True,
    ),
    "certificate_revoked": Editable(
        _("A certificate was revoked"),
        _("Open the page"),
        EVERYWHERE | {"title": CURRICULUM, "reason": Name(_("The class of the reason. It must stay."), "FLS")},
        link="verify_url",
        required=("link", "reason"),
    ),
    "personal": Editable(
        _("The frame around a message that a trainer or lead writes"),
        _("Go to your programme"),
        EVERYWHERE
        | own_subject("personal")
        | {
            "text": Name(_("What was written. It must stay."), "…"), "by_name": Name(_("The name of who wrote it."), "FLS"),
            "reply": part(_("A sentence: to whom a reply goes. It must stay."), "personal/reply"),
        },
        required=("text", "reply"),
        samples={"headline": "…", "reply_to": "…"},
        varies=True,
        private=("headline", "text", "by_name", "reply_to"),
    ),
    "export_ready": Editable(
        _("A file is ready"),
        _("Open the page"),
        EVERYWHERE
        | own_subject("export_ready")
        | {"cohort": COHORT, "format": Name(_("The format of the file."), "XLSX"), "news": judged("export_ready")},
        required=("link", "news"),
        samples={"ready": True, "until_on": "2027-03-26"},
        varies=True,
    ),
    "digest": Editable(
        _("The digest: words around its lines"),
        "",
        NAMED
        | own_subject("digest")
        | {
            "count": Name(_("How many messages it gathers."), 3),
            "messages": part(_("The gathered messages, one per line. They must stay."), "digest/lines"),
            "rest": part(_("Where the rest is. It must stay."), "digest/rest"),
        },
        required=("messages", "rest"),
        samples={"secret_lines": [["…", ""]]},
        varies=True,
    ),
}  # fmt: skip
