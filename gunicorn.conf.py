"""What every gunicorn of this project does alike; it reads this file by itself. The rest stands on its command line."""

from gunicorn.glogging import Logger

# What access logs leave out: anonymous questionnaires (a line would hold an address and a time), and links that are keys.
UNLOGGED = ("/anonymous/", "/w/", "/invitation/")


class KeepsPromises(Logger):
    """An access log without the anonymous questionnaires (evaluations/anonymous.py) and mailed links (evaluations/respondents.py)."""

    def access(self, resp, req, environ, request_time):
        if not any(part in environ.get("PATH_INFO", "") for part in UNLOGGED):
            super().access(resp, req, environ, request_time)


logger_class = KeepsPromises
