"""Tokens for other programs: what one has, a new one (shown once), the end of one."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from curriculum import plaintext
from curriculum.enrollment_states import Refused
from curriculum.views.cohorts import posted, require_form
from evaluations.models import ApiToken
from evaluations.takeaway import tokens

LONGEST_NAME, MOST_SHOWN = 100, 50


class TokenForm(forms.Form):
    use_required_attribute = False

    name = forms.Field(
        label=gettext_lazy("What it is for"),
        widget=forms.TextInput,
        error_messages={"required": gettext_lazy("Write what the token is for.")},
        help_text=gettext_lazy("For example: Power BI of the ministry."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("It ends after"),
        coerce=int,
        choices=[(30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("a year"))],
        initial=90,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose when it ends.")),
    )

    def clean_name(self):
        name = " ".join(plaintext.clean(self.cleaned_data["name"], LONGEST_NAME).split())
        if not name:
            raise ValidationError(_("Write what the token is for."))
        return name


@login_required
@require_form
def index(request):
    """One's tokens and the form for a new one. A new token is in this answer and nowhere else afterwards."""
    if not tokens.may_have(request.user):
        raise Http404
    form, made = TokenForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            _row, made = tokens.give(request.user, form.cleaned_data["name"], form.cleaned_data["days"])
        except Refused as refusal:
            form.add_error(None, refusal.text)
        else:
            form = TokenForm()
    context = {
        "form": form, "made": made, "tokens": ApiToken.objects.accessible_to(request.user)[:MOST_SHOWN], "now": timezone.now(),
        "page_has_errors": bool(form.errors),
    }  # fmt: skip
    return render(request, "evaluations/takeaway/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end(request, pk):
    """Also for those who hold no role any more: their own token they may always end."""
    tokens.end(get_object_or_404(ApiToken.objects.accessible_to(request.user), pk=pk))
    messages.success(request, _("The token has ended."))
    return redirect("evaluations:tokens" if tokens.may_have(request.user) else "today")
