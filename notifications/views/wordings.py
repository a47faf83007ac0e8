"""The programme's own words for its messages, for leads. Preview and test use what stands in the form; only "save" keeps it."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from notifications import centre, trying_words, wordings
from notifications.editable import EDITABLE
from notifications.forms import PreviewForm, WordingForm
from notifications.models import Wording
from notifications.models.message import people_led
from notifications.refusals import Refused
from notifications.views.centre import for_leads

LANGUAGES = dict(settings.LANGUAGES)


@require_safe
@for_leads
def index(request):
    own = {(row.what, row.language): row for row in Wording.objects.select_related("by")}
    rows = [
        (what, editable, [(name, own.get((what, code))) for code, name in settings.LANGUAGES])
        for what, editable in EDITABLE.items()
    ]
    return render(request, "notifications/pages/wordings.html", {"rows": rows, "n_bounces": centre.bounces(request.user).count()})


@require_safe
@for_leads
def in_all_languages(request, what):
    """The three languages side by side, each with the words that are sent now; `?person=` as this person would read them."""
    editable = _editable(what)
    form = PreviewForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    person = people_led(request.user).filter(pk=said["person"]).first() if said.get("person") else None
    own = {row.language: row for row in Wording.objects.filter(what=what).select_related("by")}
    sides = [_side(request, what, code, name, own.get(code), person) for code, name in settings.LANGUAGES]
    who = said.get("who", "")
    context = {
        "what": what, "editable": editable, "sides": sides, "form": form, "who": who, "person": person,
        "found": centre.find_people(request.user, who) if who else [],
    }  # fmt: skip
    return render(request, "notifications/pages/wording.html", context, status=422 if form.errors else 200)


def _side(request, what, code, name, own, person):
    subject, body = _words(what, code, own)
    shown = trying_words.preview(what, code, subject, body, person, request.user) if person else None
    return {
        "code": code,
        "name": name,
        "own": own,
        "subject": subject,
        "body": body,
        "preview": shown,
        "button": _button(what, code),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def edit(request, what, language):
    """One form, four buttons: save, preview, send a test to oneself, back to the shipped words. 409 where somebody else saved meanwhile."""
    _editable(what, language)
    desk = Desk(request, what, language)
    if request.method == "POST" and {"save", "test", "shipped"} & set(request.POST):
        return desk.act()
    return desk.page()


class Desk:
    """The page on which one message is worded in one language. `version` is that of the words the writer has seen."""

    def __init__(self, request, what, language):
        self.request, self.what, self.language = request, what, language
        self.own = wordings.standing(what, language)
        posted = request.POST if request.method == "POST" else None
        self.version = wordings.version_of(self.own) if posted is None else posted.get("version", "")
        subject, body = _words(what, language, self.own)
        self.form = WordingForm(posted, what=what, initial={"subject": subject, "body": body})

    def act(self):
        try:
            if "shipped" in self.request.POST:
                return self.back()
            return self.keep() if self.form.is_valid() else self.page()
        except wordings.Changed as refusal:
            self.form.add_error(None, refusal.text)
            self.own, self.version = refusal.row, wordings.version_of(refusal.row)
            return self.page(status=409)
        except Refused as refusal:
            self.form.add_error(refusal.field, refusal.text)
            return self.page()

    def keep(self):
        """Keeps the words, or mails them to whoever wrote them: a test keeps what was typed in the page, so it does not redirect."""
        said, user = self.form.cleaned_data, self.request.user
        if "test" in self.request.POST:
            trying_words.send_test(self.what, self.language, said["subject"], said["body"], user)
            messages.success(self.request, _("A test is on its way to %(address)s.") % {"address": user.email})
            return self.page()
        wordings.save(self.what, self.language, said["subject"], said["body"], user, self.version)
        messages.success(self.request, _("Saved. These words are used from the next message on."))
        return redirect("notifications:wording", self.what)

    def back(self):
        wordings.back_to_shipped(self.what, self.language, self.version)
        messages.success(self.request, _("The shipped words are used again."))
        return redirect("notifications:wording", self.what)

    def page(self, status=None):
        said, person = _said(self.form), _person(self.request, self.form)
        who = said.get("who") or ""
        context = {
            "what": self.what, "editable": EDITABLE[self.what], "language": self.language, "language_name": LANGUAGES[self.language],
            "own": self.own, "form": self.form, "version": self.version, "who": who, "person": person,
            "found": centre.find_people(self.request.user, who) if who else [],
            "theirs": _words(self.what, self.language, self.own) if status == 409 else None,
            "preview": self.preview(said, person), "preview_button": _button(self.what, self.language),
        }  # fmt: skip
        status = status or (422 if self.form.errors else 200)
        return render(self.request, "notifications/pages/wording_edit.html", context, status=status)

    def preview(self, said, person):
        """`Filled`, or `None` while the words have faults."""
        if set(self.form.errors) - {NON_FIELD_ERRORS}:
            return None
        return trying_words.preview(self.what, self.language, said["subject"], said["body"], person, self.request.user)


def _said(form):
    form.is_valid()
    return form.cleaned_data if form.is_bound else form.initial


def _person(request, form):
    """Whom the preview is for: somebody the lead leads, else the lead; a stranger's number is no error, it is ignored."""
    number = _said(form).get("person")
    return (people_led(request.user).filter(pk=number).first() if number else None) or request.user


def _button(what, language):
    with translation.override(language):
        return str(EDITABLE[what].button)


def _words(what, language, own):
    return (own.subject, own.body) if own else wordings.shipped(what, language)


def _editable(what, language=None):
    if what not in EDITABLE or (language and language not in LANGUAGES):
        raise Http404
    return EDITABLE[what]
