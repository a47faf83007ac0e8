"""Pages that a device keeps when they were looked at, so that the hour, the place and the checklist can be read without a line."""

import functools


def kept_on_device(view):
    """The service worker (lms/templates/sw.js) keeps a copy of what this view answers with 200, and shows it only without a connection.

    For pages of one's own only: no lists of other people, no results. Signing out, and the next sign-in, empty that place.
    """

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        request.keeps_copy = True
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            response["X-Keep-Copy"] = "1"
        return response

    return wrapped
