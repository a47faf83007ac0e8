"""The planted fault: a server that acknowledges an answer before it is stored. `make faults` must catch it."""

import io
import json
import threading
import time

from lms.wsgi import application as honest


def application(environ, start_response):
    if not environ["PATH_INFO"].endswith("/answers/"):
        return honest(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    later = {**environ, "wsgi.input": io.BytesIO(body)}
    threading.Thread(target=_store, args=(later,), daemon=True).start()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"saved": True, "client_id": json.loads(body)["client_id"]}).encode()]


def _store(environ):
    time.sleep(0.05)
    b"".join(honest(environ, lambda *_: None))
