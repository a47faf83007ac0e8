"""Taking the report away: the page with its formats, files at once or from the worker, single charts."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models.functions import Length
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum import plaintext, roles
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from curriculum.views.cohorts import posted, require_form
from evaluations.models import ExportJob
from evaluations.takeaway import files, jobs, pictures
from evaluations.takeaway.source import NoData, is_empty, shown, what_is_missing

MOST_SHOWN = 20


class ExportForm(forms.Form):
    """`names` and `reason` are there for leads only; for others a sent `names` is refused by the act."""

    use_required_attribute = False

    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[(one.code, one.label) for one in files.FORMATS],
        widget=forms.RadioSelect,
        initial="xlsx",
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a format.")),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the file"),
        choices=[(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a language of the list.")),
    )
    names = forms.BooleanField(label=gettext_lazy("With names"), required=False)
    reason = forms.Field(
        label=gettext_lazy("Why do you need the names?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Only for the spreadsheet and the tables. The reason is kept with your name and the date."),
    )


def reported(request, pk):
    """The cohort, for those who read its results; 404 otherwise."""
    request.navigation_place = "results"
    return get_object_or_404(Cohort.objects.run_by(request.user, roles.REPORTING), pk=pk)


@login_required
@require_form
def export(request, pk):
    """The formats, and the file itself in answer to the form."""
    cohort = reported(request, pk)
    form = ExportForm(posted(request), initial={"format": "xlsx", "language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            return _asked_for(request, cohort, form.cleaned_data)
        except NoData:
            return _page(request, cohort, form, 409)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
    return _page(request, cohort, form, 422 if form.errors else 200)


def _asked_for(request, cohort, said):
    form = files.BY_CODE[said["format"]]
    wanted = {"names": said["names"], "reason": said["reason"]}
    if "later" in request.POST or files.takes_long(form, files.lines_of(cohort)):
        jobs.export_later(cohort, request.user, form.code, said["language"], **wanted)
        messages.success(request, _("The file is being prepared. You get an e-mail when it is ready."))
        return redirect("evaluations:export", cohort.pk)
    file = jobs.export_now(cohort, request.user, form.code, said["language"], **wanted)
    return attachment(file.content, file.name, file.content_type)


def _page(request, cohort, form, status):
    document = shown(cohort)
    lines = files.lines_of(cohort)
    own = ExportJob.objects.accessible_to(request.user).filter(cohort=cohort).defer("file")
    context = {
        "cohort": cohort, "form": form, "empty": is_empty(document), "missing": what_is_missing(document),
        "sizes": [(one, size, files.takes_long(one, lines)) for one, size in files.sizes(lines, document)],
        "leads": roles.leads(request.user, cohort), "page_has_errors": bool(form.errors),
        "chosen": form["format"].value() or "", "reason": plaintext.showable(request.POST.get("reason")),
        "jobs": [(job, files.BY_CODE.get(job.format)) for job in own.annotate(size=Length("file"))[:MOST_SHOWN]],
        "kept_days": jobs.KEPT.days, "waiting": jobs.Status.WAITING,
    }  # fmt: skip
    return render(request, "evaluations/takeaway/export.html", context, status=status)


def attachment(content, name, content_type):
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)


@login_required
@require_safe
def job_file(request, pk):
    """A prepared file, for its maker alone."""
    job = get_object_or_404(ExportJob.objects.accessible_to(request.user).select_related("cohort"), pk=pk)
    if not jobs.may_take(job, request.user):
        raise Http404
    return attachment(bytes(job.file), job.filename, files.BY_CODE[job.format].content_type)


@login_required
@require_POST
def job_retry(request, pk):
    job = get_object_or_404(ExportJob.objects.accessible_to(request.user).defer("file"), pk=pk)
    if jobs.retry(job):
        messages.success(request, _("The file is being prepared once more."))
    return redirect("evaluations:export", job.cohort_id)


@login_required
@require_safe
def chart(request, pk, indicator, ending):
    """One chart of all people as a file."""
    document = shown(reported(request, pk))
    if indicator not in pictures.keys_of(document):
        raise Http404
    draw, content_type = {"svg": (pictures.svg, "image/svg+xml"), "png": (pictures.png, "image/png")}[ending]
    name = f"{pictures.level_code(document, indicator)}-{indicator}.{ending}"
    return attachment(draw(document, indicator, get_language()), name, content_type)
