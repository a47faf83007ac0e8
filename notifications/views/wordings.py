"""The programme's own words for its messages, for leads. Preview and test use what stands in the form; only "save" keeps it."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from notifications import centre, trying_words, wordings
from notifications.editable import EDITABLE
from notifications.forms import WordingForm
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
    """The three languages side by side, each with the words that are sent now."""
    editable = _editable(what)
    own = {row.language: row for row in Wording.objects.filter(what=what).select_related("by")}
    sides = [(code, name, own.get(code), *_words(what, code, own.get(code))) for code, name in settings.LANGUAGES]
    return render(request, "notifications/pages/wording.html", {"what": what, "editable": editable, "sides": sides})


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def edit(request, what, language):
    """One form, four buttons: save, preview, send a test to oneself, back to the shipped words."""
    _editable(what, language)
    own = Wording.objects.filter(what=what, language=language).select_related("by").first()
    if request.method == "POST" and "shipped" in request.POST:
        return _back(request, what, language)
    subject, body = _words(what, language, own)
    form = WordingForm(request.POST if request.method == "POST" else None, what=what, initial={"subject": subject, "body": body})
    if request.method != "POST" or not form.is_valid() or not {"save", "test"} & set(request.POST):
        return _page(request, what, language, own, form)
    try:
        return _save(request, what, language, form.cleaned_data)
    except Refused as refusal:
        form.add_error(refusal.field, refusal.text)
        return _page(request, what, language, own, form)


def _save(request, what, language, said):
    """Keeps the words, or mails them to whoever wrote them: a test keeps what was typed in the page, so it does not redirect."""
    if "test" in request.POST:
        trying_words.send_test(what, language, said["subject"], said["body"], request.user)
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
        own = Wording.objects.filter(what=what, language=language).select_related("by").first()
        return _page(request, what, language, own, WordingForm(request.POST, what=what))
    wordings.save(what, language, said["subject"], said["body"], request.user)
    messages.success(request, _("Saved. These words are used from the next message on."))
    return redirect("notifications:wording", what)


def _back(request, what, language):
    wordings.back_to_shipped(what, language)
    messages.success(request, _("The shipped words are used again."))
    return redirect("notifications:wording", what)


def _page(request, what, language, own, form):
    who = (_said(form).get("who") or "") if form.is_bound else ""
    person = _person(request, form)
    context = {
        "what": what,
        "editable": EDITABLE[what],
        "language": language,
        "language_name": LANGUAGES[language],
        "own": own,
        "form": form,
        "who": who,
        "found": centre.find_people(request.user, who) if who else [],
        "person": person,
        "preview": _preview(request, what, language, form, person),
        "preview_button": _button(what, language),
    }
    return render(request, "notifications/pages/wording_edit.html", context, status=422 if form.errors else 200)


def _said(form):
    form.is_valid()
    return form.cleaned_data if form.is_bound else form.initial


def _preview(request, what, language, form, person):
    """`Filled`, or `None` while the words have faults."""
    said = _said(form)
    if form.errors:
        return None
    return trying_words.preview(what, language, said["subject"], said["body"], person, request.user)


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
