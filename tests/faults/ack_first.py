"""The planted fault: a server that acknowledges an answer before it is stored. `make faults` must catch it."""

import io
import json
import time
from concurrent.futures import ThreadPoolExecutor

from lms.wsgi import application as honest

STORING = ThreadPoolExecutor(4)


def application(environ, start_response):
    if not environ["PATH_INFO"].endswith("/answers/"):
        return honest(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    later = {**environ, "wsgi.input": io.BytesIO(body)}
    STORING.submit(_store, later)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"saved": True, "client_id": json.loads(body)["client_id"]}).encode()]


def _store(environ):
    time.sleep(0.02)
    answer = honest(environ, lambda *_: None)
    b"".join(answer)
    answer.close()
