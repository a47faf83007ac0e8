"""The only place from which we call another server. Tests put a server on 127.0.0.1 in its place."""

import logging

import requests

from sessions.conference.base import NotReachable

log = logging.getLogger(__name__)
SECONDS = 8


def call(method, url, words, **given):
    """The answer of an engine's server (2xx), else `NotReachable` with `words`. `given` is as for `requests.request`.

    Redirects are not followed and the address is logged without its query: queries of engines carry signatures and tokens.
    """
    try:
        answer = requests.request(method, url, timeout=SECONDS, allow_redirects=False, **given)
    except requests.RequestException as error:
        log.warning("conference: %s %s: %s", method, _place(url), type(error).__name__)
        raise NotReachable(words) from None
    if not 200 <= answer.status_code < 300:
        log.warning("conference: %s %s: %s", method, _place(url), answer.status_code)
        raise NotReachable(words)
    return answer


def json_of(answer, words):
    """The object in the answer. Raises `NotReachable`."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotReachable(words)
    return found


def _place(url):
    return url.partition("?")[0]
