"""Read by gunicorn by itself: which lines its access log does not hold (lms/keys_in_addresses.py)."""

from gunicorn.glogging import Logger

from lms.keys_in_addresses import SILENT, without_keys


class AccessLog(Logger):
    def access(self, resp, req, environ, request_time):
        if not SILENT.search(environ.get("PATH_INFO", "")):
            super().access(resp, req, environ, request_time)

    def atoms(self, resp, req, environ, request_time):
        """The page before may be a mailed link too ("f", the Referer)."""
        found = super().atoms(resp, req, environ, request_time)
        return {name: without_keys(value) if isinstance(value, str) else value for name, value in found.items()}


logger_class = AccessLog
