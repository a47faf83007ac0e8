"""What an editable message is, and the {names} that several of them share."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
FOLDER = "notifications"


@dataclass(frozen=True)
class Name:
    """What `{name}` stands for. `sample` is the raw value of the context for previews (a date as ISO text, a moment as its pair).

    `part` is a template of the shipped words that is put in whole: sentences that promise something, or depend on the person.
    `key` is where the context keeps the value, if not under the same name.
    """

    meaning: Words
    sample: str | int | tuple = ""
    part: str = ""
    key: str = ""


@dataclass(frozen=True)
class Editable:
    """`link` is the key of the context behind `{link}`; `samples` fill what the words ask for besides the names.

    `neutral` takes their place where the shipped words become a text to start from: no sample may stay in it. `varies`: the
    subject says something else to each person ("selected", "not selected"), so the shipped one must stay in it. `private`: what one
    person wrote to another, by key of the context; a preview shows a sample in its place, whoever looks.
    """

    title: Words
    button: Words
    names: dict[str, Name]
    link: str = "url"
    required: tuple[str, ...] = ("link",)
    samples: dict = field(default_factory=dict)
    neutral: dict = field(default_factory=dict)
    varies: bool = False
    private: tuple[str, ...] = ()

    def key_of(self, name):
        return self.link if name == "link" else self.names[name].key or name


def part(meaning, path, key=""):
    """A name whose sentences are the shipped template `path` ("wave_open/closing")."""
    return Name(meaning, part=f"{FOLDER}/{path}.txt", key=key)


def own_subject(what, *, stays=True):
    must = _("The shipped subject, right for each person. It must stay in the subject.")
    return {"shipped_subject": part(must if stays else _("The shipped subject, right for each person."), f"{what}/subject")}


NAMED = {
    "name": Name(_("The person with title, as in the greeting. The greeting itself is always there.")),
    "site": Name(_("The name of this site.")),
}
EVERYWHERE = NAMED | {"link": Name(_("The button. Put it on a line of its own."))}
COHORT = Name(_("The name of the cohort."), "Cohorte 2027")
TITLE = Name(_("The title of what is asked or done."), "FLS")
CURRICULUM = Name(_("The title of the curriculum."), "FLS")
COMMENT = part(_("What the trainer wrote; empty if nothing."), "assignment_judged/comment")
MOMENT = ["2027-03-06T00:00:00+00:00", "America/Mexico_City"]
