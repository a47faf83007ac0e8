"""The door of the devices' outbox for what happens live: one act as JSON in, an acknowledgement out once it is committed."""

from django.contrib import messages
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from curriculum.enrollment_states import Refused
from sessions import kept_acts

MAX_BYTES = 4 * 1024


@never_cache
@require_POST
def take(request):
    """Never a page, never a 5xx. 401 for who is not signed in or is somebody else by now: then the act waits for its own person."""
    if not request.user.is_authenticated:
        return _error(401, "signed_out", _("Sign in again. Your answer stays on this device until then."))
    try:
        sent = _read(request)
    except ValueError:
        return _error(400, "malformed", _("The answer could not be read."))
    if sent.person != request.user.pk:
        return _error(401, "somebody_else", _("Sign in again. Your answer stays on this device until then."))
    try:
        words = kept_acts.take(request.user, sent)
    except Refused as refusal:
        return _error(404 if isinstance(refusal, kept_acts.Gone) else 409, "refused", refusal.text)
    if words:  # the next page that the person sees says it
        messages.success(request, words)
    return JsonResponse({"done": True, "client_id": str(sent.client_id)})


def _read(request):
    """Raises `ValueError`; what pydantic raises is one."""
    if request.content_type != "application/json" or len(request.body) > MAX_BYTES:
        raise ValueError
    return kept_acts.Sent.model_validate_json(request.body)


def _error(status, code, message):
    return JsonResponse({"error": code, "message": str(message)}, status=status)
