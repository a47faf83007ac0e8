"""What needs a trainer or lead, and writing to the people it is about. For everybody else these pages do not exist (404)."""

import uuid
from itertools import groupby

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from curriculum import attention, attention_writing
from curriculum.attention_forms import LetterForm
from curriculum.enrollment_states import Refused
from notifications import reach

PER_PAGE = 200
VIEWS = ("people", "subjects")


@login_required
@require_safe
def index(request):
    cohorts, chosen = _cohorts(request, request.GET)
    return _list(request, cohorts, chosen, request.GET)


@login_required
@require_POST
def message(request):
    """From the ticked people to the preview to the sent messages; the choice itself travels in the page."""
    cohorts, chosen = _cohorts(request, request.POST)
    tokens = request.POST.getlist("who")
    try:
        wanted = attention_writing.chosen_people(tokens, [chosen] if chosen else cohorts)
    except Refused as refusal:
        return _list(request, cohorts, chosen, request.POST, refusal=refusal, ticked=tokens)
    found = get_user_model().objects.in_bulk(wanted)
    people = sorted(found.values(), key=lambda person: (person.get_full_name().lower(), person.pk))
    pages = Pages(request, cohorts, chosen, tokens, people)
    return pages.letter() if request.POST.get("act") == "personal" else pages.reminder(wanted)


class Pages:
    """The steps of writing to `people`."""

    def __init__(self, request, cohorts, chosen, tokens, people):
        self.request, self.cohorts, self.chosen, self.tokens, self.people = request, cohorts, chosen, tokens, people
        self.step = "preview" if "show" in request.POST else request.POST.get("step", "")

    def reminder(self, wanted):
        found = attention.collect(self.request.user, [self.chosen] if self.chosen else self.cohorts)
        due = attention_writing.due_of(found, wanted)
        told = [person for person in self.people if person.pk in due]
        left_out = [person for person in self.people if person.pk not in due]
        facts = sorted(f"{pk}:{item.item_key}" for pk, items in due.items() for item in items)
        self.seen = reach.seal(told, "remind", *facts)
        if self.step == "send" and not told:
            return self.done(0, _("Nobody was reminded: there was nothing new since the reminders of the last seven days."))
        if self.may_send():
            sent = sum(attention_writing.remind(person, due[person.pk], self.request.user) for person in told)
            return self.done(sent, _("Nobody was reminded: there was nothing new since the reminders of the last seven days."))
        drafts = [attention_writing.reminder(person, due[person.pk], self.request.user) for person in self.shown(told)]
        return self.preview("remind", told, drafts, left_out=left_out)

    def letter(self):
        if self.step == "":
            return self.page("write", form=LetterForm(initial={"form_id": uuid.uuid4()}))
        form = LetterForm(self.request.POST)
        if not form.is_valid() or self.step == "edit":
            return self.page("write", status=422 if form.errors else 200, form=form)
        said = form.cleaned_data
        self.seen = reach.seal(self.people, "personal", said["subject"], said["text"], said["form_id"])
        if self.may_send():
            sent = attention_writing.write(self.people, said["subject"], said["text"], self.request.user, said["form_id"])
            return self.done(sent, _("These messages were sent already."))
        drafts = [
            attention_writing.letter(one, said["subject"], said["text"], self.request.user) for one in self.shown(self.people)
        ]
        return self.preview("personal", self.people, drafts, form=form)

    def may_send(self):
        """Whether the button was pressed below what would leave now; the preview is shown again where it is something else."""
        self.changed = self.step == "send" and not reach.is_seal(self.seen, self.request.POST.get("seen", ""))
        return self.step == "send" and not self.changed

    def shown(self, people):
        """The person whose message is looked at, as a list of at most one; `number` is their place from 1."""
        number = self.request.POST.get("show", "")
        self.number = (
            min(max(int(number), 1), max(len(people), 1)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
        )
        return people[self.number - 1 : self.number]

    def preview(self, act, people, drafts, **context):
        subject, text = reach.as_read(drafts[0]) if drafts else ("", "")
        what = "personal" if act == "personal" else attention.WHAT
        context |= {
            "act": act, "total": len(people), "number": self.number, "draft": drafts[0] if drafts else None, "subject": subject,
            "text": text, "seen": self.seen, "changed": self.changed, "reach": reach.reach_of(what, people, self.request.user),
            "previous": self.number - 1, "next": self.number + 1 if self.number < len(people) else 0,
        }  # fmt: skip
        return self.page("preview", status=409 if self.changed else 200, **context)

    def page(self, name, status=200, **context):
        context |= {"tokens": self.tokens, "chosen": self.chosen, "people": self.people, "view": _view(self.request.POST)}
        return render(self.request, f"curriculum/attention/{name}.html", context, status=status)

    def done(self, sent, nothing):
        if sent:
            words = ngettext("%(count)s message is on its way.", "%(count)s messages are on their way.", sent)
            messages.success(self.request, words % {"count": sent})
        else:
            messages.info(self.request, nothing)
        query = f"?cohort={self.chosen.pk}" if self.chosen else ""
        return redirect(reverse("curriculum:attention") + query)


# --- inside ----------------------------------------------------------------------------------------------------------


def _cohorts(request, asked):
    """The cohorts of the person, and the one that is filtered by or `None`. 404 for who runs none, and for a cohort of others."""
    cohorts, wanted = attention.cohorts_of(request.user), asked.get("cohort", "")
    chosen = next((cohort for cohort in cohorts if str(cohort.pk) == wanted), None)
    if not cohorts or (wanted and chosen is None):
        raise Http404
    return cohorts, chosen


def _view(asked):
    return asked.get("by") if asked.get("by") in VIEWS else VIEWS[0]


def _list(request, cohorts, chosen, asked, refusal=None, ticked=()):
    found = attention.collect(request.user, [chosen] if chosen else cohorts)
    view = _view(asked)
    page = Paginator(_sorted(found.items, view), PER_PAGE).get_page(asked.get("page"))
    context = {
        "cohorts": cohorts, "chosen": chosen, "found": found, "view": view, "page": page, "groups": _grouped(page, view),
        "ticked": set(ticked), "everybody": asked.get("all") == "1",
        "errors": [{"anchor": "who", "text": refusal.text}] if refusal else [], "page_has_errors": bool(refusal),
    }  # fmt: skip
    return render(request, "curriculum/attention/index.html", context, status=422 if refusal else 200)


def _sorted(items, view):
    """Together what belongs together, the oldest first within; what is about nobody comes last among people."""
    if view == "subjects":
        order = {item.kind: number for number, item in reversed(list(enumerate(items)))}
        return sorted(items, key=lambda item: (order[item.kind], item.since))
    return sorted(items, key=lambda item: (item.person is None, _name(item), item.person.pk if item.person else 0, item.since))


def _name(item):
    return item.person.get_full_name().lower() if item.person else ""


def _grouped(page, view):
    """`[{"subject" or "person", "items"}]`; the person is `None` for what is about nobody."""
    if view == "subjects":
        grouped = [list(items) for _kind, items in groupby(page, key=lambda item: item.kind)]
        return [{"subject": items[0].subject, "items": items} for items in grouped]
    grouped = [list(items) for _pk, items in groupby(page, key=lambda item: item.person and item.person.pk)]
    return [{"person": items[0].person, "items": items} for items in grouped]
