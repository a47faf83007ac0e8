"""What every gunicorn of this project does alike; it reads this file by itself. The rest stands on its command line."""

from gunicorn.glogging import Logger

from lms.keys_in_addresses import without_keys

# What access logs leave out: anonymous questionnaires (a line would hold an address and a time), and links that are keys.
UNLOGGED = ("/anonymous/", "/w/", "/invitation/", "/live/answer/", "/messages/stop/", "/ics/")


class KeepsPromises(Logger):
    """An access log without the anonymous questionnaires (evaluations/anonymous.py) and mailed links (evaluations/respondents.py)."""

    def access(self, resp, req, environ, request_time):
        if not any(part in environ.get("PATH_INFO", "") for part in UNLOGGED):
            super().access(resp, req, environ, request_time)

    def atoms(self, resp, req, environ, request_time):
        """The page from which somebody came may be such a link ("f", the Referer)."""
        found = super().atoms(resp, req, environ, request_time)
        return {name: without_keys(value) if isinstance(value, str) else value for name, value in found.items()}


logger_class = KeepsPromises
