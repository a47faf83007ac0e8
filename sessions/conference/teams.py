"""Microsoft Teams by Graph: an online meeting of the operator's account, and its attendance report afterwards.

learn.microsoft.com/graph: client credentials flow; POST /users/{id}/onlineMeetings (needs an application access policy);
GET …/attendanceReports and …/{id}/attendanceRecords with attendanceIntervals of joinDateTime and leaveDateTime in UTC (null where
Teams lacks them). Graph keeps the report of an occurrence; who joins by a forwarded link appears under the name they gave.
"""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.conference import outside, stays
from sessions.conference.base import Grant, NotReachable
from sessions.conference.sealed import seal, unseal
from sessions.models import MediaRoom

SOURCE, SPARE, PAGES = "teams", 120, 20


class Teams:
    key, label = "teams", gettext_lazy("Microsoft Teams")
    needs_address = embedded = framed = False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        """The same address for everybody: people are known to Teams by their own account, to us by the room beside it."""
        kept = unseal(room_of(meeting).secrets)
        if kept is None:
            raise NotReachable(_words())
        return Grant(url=kept["join_url"])

    def fetch_stays(self, meeting):
        """Reads the reports of a meeting that has ended. How many stays are new."""
        room = MediaRoom.objects.filter(meeting=meeting, engine="teams", group=None).first()
        if room is None:
            return 0
        kept = unseal(room.secrets)
        if kept is None:
            return 0
        base = f"/users/{settings.TEAMS_ORGANISER}/onlineMeetings/{kept['id']}/attendanceReports"
        reports = [report.get("id") for report in _pages(base)]
        records = [record for report in reports if report for record in _pages(f"{base}/{report}/attendanceRecords")]
        return sum(keep_record(meeting, record) for record in records)


def engine():
    ready = settings.TEAMS_TENANT and settings.TEAMS_CLIENT_ID and settings.TEAMS_CLIENT_SECRET and settings.TEAMS_ORGANISER
    return Teams() if ready else None


def keep_record(meeting, record):
    """One attendanceRecord → how many new stays. Intervals that Teams left open or empty are skipped."""
    name = str((record.get("identity") or {}).get("displayName") or "")
    email = str(record.get("emailAddress") or "")
    new = 0
    for interval in record.get("attendanceIntervals") or []:
        joined, left = (stays.instant(interval.get(key)) for key in ("joinDateTime", "leaveDateTime"))
        if joined and left and left > joined:
            new += stays.keep(meeting, SOURCE, name, email, joined, left)[1]
    return new


def room_of(meeting):
    room = MediaRoom.objects.filter(meeting=meeting, engine="teams", group=None).first()
    if room is None:
        ref, url = _created(meeting)
        # Graph's ids are longer than our column: the whole one is among the secrets.
        made = {"ref": hashlib.sha256(ref.encode()).hexdigest(), "secrets": seal({"id": ref, "join_url": url})}
        room, _new = MediaRoom.objects.get_or_create(meeting=meeting, engine="teams", group=None, defaults=made)
    return room


def _created(meeting):
    answer = _call(
        "POST", f"{settings.TEAMS_API_URL}/users/{settings.TEAMS_ORGANISER}/onlineMeetings",
        json={"subject": meeting.title[:200], "startDateTime": meeting.starts_at.isoformat(), "endDateTime": meeting.ends_at.isoformat()},
    )  # fmt: skip
    ref, url = answer.get("id"), answer.get("joinWebUrl")
    if not isinstance(ref, str) or not isinstance(url, str) or not url.startswith("https://") or len(ref) > 300:
        raise NotReachable(_words())
    return ref, url


def _pages(path):
    """The values of a list, over its pages (`@odata.nextLink`, followed only on Graph itself)."""
    url = f"{settings.TEAMS_API_URL}{path}"
    for _page in range(PAGES):
        answer = _call("GET", url)
        yield from (one for one in answer.get("value") or [] if isinstance(one, dict))
        url = answer.get("@odata.nextLink")
        if not isinstance(url, str) or not url.startswith(f"{settings.TEAMS_API_URL}/"):
            return


def access_token():
    kept = cache.get("teams-token")
    if kept:
        return kept
    url = f"{settings.TEAMS_SIGN_IN_URL}/{settings.TEAMS_TENANT}/oauth2/v2.0/token"
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.TEAMS_CLIENT_ID,
        "client_secret": settings.TEAMS_CLIENT_SECRET,
    }
    answer = outside.json_of(
        outside.call("POST", url, _words(), data={**form, "scope": "https://graph.microsoft.com/.default"}), _words()
    )
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise NotReachable(_words())
    cache.set("teams-token", token, max(int(answer.get("expires_in") or 3600) - SPARE, 1))
    return token


def _call(method, url, **given):
    headers = {"Authorization": f"Bearer {access_token()}"}
    return outside.json_of(outside.call(method, url, _words(), headers=headers, **given), _words())


def _words():
    return _("Microsoft Teams does not answer. Try again, or use the backup address.")
