"""The way out of one kind of mail, for whoever holds the link; no sign-in, no effect of a mere GET.

Mail programs post `List-Unsubscribe=One-Click` without cookies and follow no redirect (RFC 8058, 3.1): they get a plain 200. The
signed link is what proves the wish, so Django's CSRF token would add nothing.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import choices, unsubscribing


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    found = unsubscribing.read(token)
    if found is None:
        return render(request, "notifications/pages/stop_unknown.html", status=404)
    user, kind = found
    if request.method == "POST":
        choices.turn_mail(user, kind.key, on="undo" in request.POST)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=200)
        return redirect("notifications:unsubscribe", token)
    wanted = next(choice.mail for choice in choices.choices_of(user) if choice.kind == kind)
    context = {"kind": kind, "wanted": wanted, "address": user.email}
    return render(request, "notifications/pages/stop.html", context)
