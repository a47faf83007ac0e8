"""Servers of others for tests, on 127.0.0.1, and people who are about to join."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.sessions.rooms import meeting_of, person_in, seat


class Server:
    """Answers what `answers[(method, path)]` says: (status, body); remembers `asked`: [(method, path, query, headers, body)]."""

    def __init__(self):
        self.answers, self.asked = {}, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                server.asked.append((self.command, parts.path, parts.query, dict(self.headers), body))
                status, given = server.answers.get((self.command, parts.path), (404, ""))
                content = (given if isinstance(given, str) else json.dumps(given)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 302:
                    self.send_header("Location", given)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_given):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def seated():
    def make(engine, role="trainee", **fields):
        meeting = meeting_of(engine=engine, **fields)
        user = person_in(meeting, role, user__full_name="Ana Núñez & Söhne", user__email="ana@example.org")
        return meeting, user, seat(meeting, user)

    return make
