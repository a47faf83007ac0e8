"""The door for the outbox: one answer as JSON in, an acknowledgement out once it is committed."""

import json
import uuid

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from evaluations import answering, respondents
from evaluations.forms import read_time
from evaluations.models import Instrument, Question

MAX_BYTES, MAX_DEPTH, MAX_ID = 16 * 1024, 4, 2**63 - 1
FIELDS = {"client_id", "response", "question", "value", "client_time"}


class Malformed(Exception):
    """What no client of ours sends. `field` names the part."""

    def __init__(self, text, field="", status=400):
        super().__init__(text)
        self.text, self.field, self.status = text, field, status


@respondents.kept_by_no_cache
@require_POST
def save(request):
    """Saves one answer; the same `client_id` again is acknowledged again. Never a page, never a key, never a 5xx."""
    if not respondents.known(request):
        return _error(401, "signed_out", _("Sign in again. Your answer stays on this device until then."))
    try:
        sent = read(request)
        response, question = _find(request, sent)
        answer = answering.save_answer(response, question, sent["value"], sent["client_id"], sent["client_time"])
    except Malformed as error:
        return _error(error.status, "malformed" if error.status == 400 else "not_found", error.text, error.field)
    except answering.Refused as refusal:
        return _error(refusal.status, refusal.code, refusal.text)
    except ValidationError as error:
        return _error(422, "refused_value", " ".join(error.messages), "value")
    return JsonResponse({"saved": True, "client_id": str(sent["client_id"]), "at": answer.saved_at.isoformat()})


def read(request):
    """The fields of the request, checked for shape. Raises `Malformed`."""
    if request.content_type != "application/json":
        raise Malformed(_("Send the answer as JSON."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES or len(request.body) > MAX_BYTES:
        raise Malformed(_("The answer is too long."), "value")
    try:
        sent = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed(_("The answer could not be read.")) from None
    if not isinstance(sent, dict) or set(sent) - FIELDS or FIELDS - set(sent):
        raise Malformed(_("The answer could not be read."))
    if _depth(sent) > MAX_DEPTH:
        raise Malformed(_("The answer could not be read."), "value")
    return {
        "client_id": _uuid(sent["client_id"]),
        "response": _number(sent["response"], "response"),
        "question": _number(sent["question"], "question"),
        "value": sent["value"],
        "client_time": _time(sent["client_time"]),
    }


def _find(request, sent):
    responses = respondents.responses_for(request).exclude(instrument__kind=Instrument.Kind.CHECK)
    response = responses.filter(pk=sent["response"]).first()
    if response is None:
        raise Malformed(_("There is no such questionnaire among yours."), "response", 404)
    question = Question.objects.filter(pk=sent["question"], instrument_id=response.instrument_id).first()
    if question is None:
        raise Malformed(_("There is no such question in this questionnaire."), "question", 404)
    return response, question


def _no_constant(name):
    raise ValueError(name)


def _depth(value):
    """How deep lists and objects are nested, level by level so that no depth can exhaust the stack."""
    depth, level = 0, [value]
    while level:
        depth += 1
        below = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [value for values in below for value in values]
    return depth


def _uuid(value):
    try:
        return uuid.UUID(value) if isinstance(value, str) and len(value) == 36 else _bad("client_id")
    except ValueError:
        return _bad("client_id")


def _number(value, field):
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID else _bad(field)


def _time(value):
    return read_time(value) or _bad("client_time")


def _bad(field):
    raise Malformed(_("A part of the answer is missing or makes no sense: %(field)s.") % {"field": field}, field)


def _error(status, code, message, field=""):
    return JsonResponse({"error": code, "message": str(message), "field": field}, status=status)
