"""What every gunicorn of this project does alike; it reads this file by itself. The rest stands on its command line."""

from gunicorn.glogging import Logger


class KeepsPromises(Logger):
    """An access log without the anonymous questionnaires: a line would hold an address and a time (evaluations/anonymous.py)."""

    def access(self, resp, req, environ, request_time):
        if "/anonymous/" not in environ.get("PATH_INFO", ""):
            super().access(resp, req, environ, request_time)


logger_class = KeepsPromises
