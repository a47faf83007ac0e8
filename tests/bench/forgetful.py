"""The planted fault of tests/bench/wave.py: acknowledges every answer first, then drops one in 50, stores one in 50 with another
value and one in 50 twice. The form that follows is swallowed for these, else it would heal them."""

import io
import json
import re
import uuid
from urllib.parse import parse_qs

from lms.wsgi import application as honest
from tests.bench.respondents import fault_of

PLACE = re.compile(r"/es/responses/(\d+)/(\d+)/$")


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] != "POST" or not (path == "/es/answers/" or PLACE.match(path)):
        return honest(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return saved(environ, start_response, body) if path == "/es/answers/" else continued(environ, start_response, body)


def saved(environ, start_response, body):
    sent = json.loads(body)
    fault = fault_of(sent["client_id"], sent["value"])
    if fault == "wrong":
        store(environ, {**sent, "value": "1" if sent["value"] != "1" else "2"})
    elif fault != "lost":
        store(environ, sent)
    if fault == "double":
        store(environ, {**sent, "client_id": str(uuid.uuid4())})
    answer = json.dumps({"saved": True, "client_id": sent["client_id"]}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def continued(environ, start_response, body):
    fields = parse_qs(body.decode())
    if fault_of(fields["client_id"][0], fields.get("answer", [""])[0]):
        start_response("302 Found", [("Location", environ["PATH_INFO"]), ("Content-Length", "0")])
        return [b""]
    return honest({**environ, "wsgi.input": io.BytesIO(body)}, start_response)


def store(environ, item):
    body = json.dumps(item).encode()
    answer = honest({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}, lambda *_: None)
    b"".join(answer)
    answer.close()
