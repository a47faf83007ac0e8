"""Addresses that are keys: mailed links and calendars open without a sign-in, so no log holds them and no other page is told of them.

The same list stands in deploy/nginx.conf.template and gunicorn.conf.py, which reads this before Django is there.
"""

import logging
import re

KEYED = re.compile(r"/(?:[a-z-]+/(?:w|invitation|live/answer|messages/stop)|ics)/")
KEY = re.compile(rf"({KEYED.pattern})[^/\s?#\"']+")


def without_keys(text):
    return KEY.sub(r"\1…", text)


class KeysFilter(logging.Filter):
    """Django names the path in what it warns of: pages refused, not found, or sent by a form without its token."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(without_keys(one) if isinstance(one, str) else one for one in record.args)
        return True
