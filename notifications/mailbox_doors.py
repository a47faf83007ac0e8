"""Two ways into a mailbox: a maildir on this machine, or IMAP. A door has `unread()`, `fetch(name, largest)` and `mark_read(name)`."""

import contextlib
import imaplib
import mailbox
import re
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECONDS = 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


def open_door(url):
    """A context manager for `maildir:///path`, `imaps://user:password@host[:port]/folder`, or `imap://…` on this machine alone."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return contextlib.nullcontext(Maildir(parts.path))
    if parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOOPBACK):
        return Imap(parts)
    raise ImproperlyConfigured("INBOX_URL is maildir:///path or imaps://user:password@host/folder.")


class Maildir:
    """Read is the flag S of https://cr.yp.to/proto/maildir.html; what is not ours keeps its name and its place."""

    def __init__(self, path):
        self.box = mailbox.Maildir(path, factory=None, create=False)
        self.path = Path(path)

    def unread(self):
        """Keys, oldest first."""
        return sorted(key for key in self.box.keys() if "S" not in self._info(key))  # noqa: SIM118 (a mailbox is no dict)

    def fetch(self, name, largest):
        """The bytes, or `None` for a mail that is too large or was taken away by somebody else."""
        try:
            place = self._place(name)
            return place.read_bytes() if place.stat().st_size <= largest else None
        except (KeyError, FileNotFoundError):
            return None

    def mark_read(self, name):
        with contextlib.suppress(KeyError, FileNotFoundError):
            place = self._place(name)
            place.rename(self.path / "cur" / f"{name}:2,{''.join(sorted({*self._info(name), 'S'}))}")

    def _place(self, name):
        return self.path / self.box._lookup(name)

    def _info(self, name):
        return self.box._lookup(name).partition(":2,")[2]


class Imap:
    """Read is \\Seen. Mails are looked at with PEEK, which leaves them unread (RFC 3501, 6.4.5)."""

    def __init__(self, parts):
        self.parts, self.line = parts, None

    def __enter__(self):
        self.line = self._connect(self.parts.hostname, self.parts.port)
        try:
            self.line.login(unquote(self.parts.username or ""), unquote(self.parts.password or ""))
            folder = unquote(self.parts.path.strip("/")) or "INBOX"
            _fine(self.line.select('"' + re.sub(r'(["\\])', r"\\\1", folder) + '"'))
        except BaseException:
            self.line.shutdown()
            raise
        self.validity = (self.line.response("UIDVALIDITY")[1] or [b""])[0]
        return self

    def _connect(self, host, port):
        if self.parts.scheme == "imap":
            return imaplib.IMAP4(host, port or imaplib.IMAP4_PORT, timeout=SECONDS)
        # Left to itself, imaplib checks no certificate.
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or imaplib.IMAP4_SSL_PORT, ssl_context=context, timeout=SECONDS)

    def __exit__(self, *_error):
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            self.line.logout()

    def unread(self):
        """Names that stay true: the mailbox's validity and the UID, oldest first."""
        found = _fine(self.line.uid("SEARCH", "UNSEEN"))[0] or b""
        return [f"{(self.validity or b'').decode()}.{uid.decode()}" for uid in found.split()]

    def fetch(self, name, largest):
        uid = name.rpartition(".")[2]
        size = SIZE.search(b" ".join(_bytes(_fine(self.line.uid("FETCH", uid, "(RFC822.SIZE)")))))
        if not size or int(size[1]) > largest:
            return None
        answer = _fine(self.line.uid("FETCH", uid, "(BODY.PEEK[])"))
        return next((item[1] for item in answer if isinstance(item, tuple)), None)

    def mark_read(self, name):
        _fine(self.line.uid("STORE", name.rpartition(".")[2], "+FLAGS", "(\\Seen)"))


def _fine(answer):
    """The data of an answer; `OSError` for a no."""
    status, data = answer
    if status != "OK":
        raise OSError(f"the mailbox says {status}")
    return data


def _bytes(data):
    return [item for item in data if isinstance(item, bytes)]
