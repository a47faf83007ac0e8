"""Groups of mentors: leads make and change them, mentors read them; for everybody else they do not exist (404)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from curriculum import roles
from curriculum.enrollment_states import Refused
from sessions import forming_groups, lead_groups, rotation
from sessions.forms_rotation import GroupForm, MemberForm, NameForm, ReasonForm
from sessions.models import LeadGroup
from sessions.views.meetings import form_page, posted, require_form


def require_reader(user):
    if not lead_groups.reads(user):
        raise Http404


def require_lead(user):
    """403 for those who may look and not change, 404 for all others."""
    if not roles.leads_programme(user):
        require_reader(user)
        roles.require(False)


@login_required
@require_form
def index(request):
    """All groups; a post makes one."""
    require_reader(request.user) if request.method != "POST" else require_lead(request.user)
    free = lead_groups.mentors_and_free()[1]
    form = GroupForm(posted(request), free=free)
    if request.method == "POST" and form.is_valid():
        try:
            group = forming_groups.create(request.user, form.cleaned_data["name"], form.cleaned_data["members"])
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("The group %(name)s was made.") % {"name": group.name})
            return redirect("live:lead_groups")
    left = LeadGroup.objects.exclude(left_at=None).order_by("-left_at")[:20]
    return form_page(
        request,
        "live/rotation/groups.html",
        form,
        rows=lead_groups.rows(),
        free=free,
        left=left,
        leads=roles.leads_programme(request.user),
    )


def _standing(pk):
    return get_object_or_404(LeadGroup.objects.filter(left_at=None), pk=pk)


@login_required
@require_form
def group(request, pk):
    """One group; a post renames it."""
    require_reader(request.user) if request.method != "POST" else require_lead(request.user)
    one = _standing(pk)
    form = NameForm(posted(request), initial={"name": one.name})
    if request.method == "POST" and form.is_valid():
        try:
            forming_groups.rename(one, form.cleaned_data["name"])
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("live:lead_group", pk)
    return _page(request, pk, name_form=form, form=form)


def _page(request, pk, form, name_form=None, member_form=None):
    row = lead_groups.rows(LeadGroup.objects.filter(pk=pk))[0]
    free = lead_groups.mentors_and_free()[1]
    context = {
        "row": row, "leads": roles.leads_programme(request.user), "mine": lead_groups.is_member(request.user, pk),
        "name_form": name_form or NameForm(initial={"name": row.group.name}), "member_form": member_form or MemberForm(free=free),
        "free": free, "former": row.group.members.exclude(left_at=None).select_related("user"),
        "slots": row.group.slots.order_by("-quarter")[:12],
    }  # fmt: skip
    return form_page(request, "live/rotation/group.html", form, **context)


@login_required
@require_POST
def add(request, pk):
    require_lead(request.user)
    one = _standing(pk)
    form = MemberForm(request.POST, free=lead_groups.mentors_and_free()[1])
    if form.is_valid():
        try:
            forming_groups.add(one, form.cleaned_data["user"])
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Added to the group."))
            return redirect("live:lead_group", pk)
    return _page(request, pk, form, member_form=form)


@login_required
@require_form
def remove(request, pk, member):
    """Asks for the reason, then takes the person out of the group."""
    require_lead(request.user)
    one = get_object_or_404(_standing(pk).members.filter(left_at=None).select_related("user", "group"), pk=member)
    title = _("Take %(name)s out of the group") % {"name": one.user.addressed_as}
    return reason_page(request, lambda reason: forming_groups.remove(one, reason), title, _("Take out"), ("live:lead_group", pk))


@login_required
@require_form
def leave(request, pk):
    """The group drops out, by one of its members or a lead."""
    require_reader(request.user)
    one = _standing(pk)
    roles.require(lead_groups.is_member(request.user, pk) or roles.leads_programme(request.user))
    title = _("%(name)s leaves the rotation") % {"name": one.name}
    about = _("Its coming quarters go to the next groups in turn, and its mentors are free for other groups.")
    return reason_page(
        request,
        lambda reason: rotation.drop_out(one, request.user, reason),
        title,
        _("Leave the rotation"),
        ("live:lead_groups",),
        about,
    )


def reason_page(request, act, title, button, back, about=""):
    """A page that asks why and then does it. `back` is where it leads afterwards: a name and its arguments."""
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(*back)
    return form_page(request, "live/rotation/act.html", form, title=title, button=button, about=about, back=back_url(back))


def back_url(back):
    return redirect(*back).url
