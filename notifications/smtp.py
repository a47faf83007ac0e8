"""Mail by SMTP in two steps: everything up to the last line, then a word to whoever sends it, then the final dot.

A server delivers nothing before it has read the line with the single dot (RFC 5321, 4.1.1.4), and drops what was begun when the line
breaks (3.8). So a sender that writes "handed over" in between knows after a crash which messages have certainly not left.
"""

import re
import smtplib
import socket

from django.core.mail.backends import smtp

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
FINAL_REPLY_SECONDS = 120  # a server may file the message before it answers; RFC 5321, 4.5.3.2.6 asks for patience here


class InTwoSteps:
    """smtplib's client with `envelope_id` (letters, digits, dots) and `before_dot`, a function called when the message is written and not yet
    ended. What it raises ends the line."""

    before_dot = None
    envelope_id = ""

    def mail(self, sender, options=()):
        """With ENVID where the server offers DSN (RFC 3461): its reports say it, and no reader of the mail ever sees it."""
        if self.envelope_id and self.has_extn("dsn"):
            options = [*options, f"ENVID={self.envelope_id}", "RET=HDRS"]
        return super().mail(sender, options)

    def data(self, msg):
        """Sends `msg` (bytes with CRLF) and returns the (code, text) of the server's answer. Raises SMTPDataError as smtplib's does."""
        self.putcmd("data")
        code, said = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        self.send(LEADING_DOT.sub(b"..", msg) + (b"" if msg.endswith(b"\r\n") else b"\r\n"))
        if self.before_dot:
            self._tell()
        patience = self.sock.gettimeout()
        # A short line after a long one waits 40 ms for the other side's delayed acknowledgement otherwise (RFC 1122, 4.2.3.2 and 4.2.3.4).
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(FINAL_REPLY_SECONDS)
        self.send(b".\r\n")
        answer = self.getreply()
        if self.sock:  # a server may say goodbye with its answer
            self.sock.settimeout(patience)
        return answer

    def _tell(self):
        try:
            self.before_dot()
        except BaseException:
            self.close()  # without the dot: the server drops it
            raise


class Plain(InTwoSteps, smtplib.SMTP):
    pass


class Encrypted(InTwoSteps, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's backend with `before_dot` for the next message. Without it, it does what Django's does."""

    @property
    def connection_class(self):
        return Encrypted if self.use_ssl else Plain

    def tell_before_dot(self, act, envelope_id=""):
        self.connection.before_dot, self.connection.envelope_id = act, envelope_id

    def drop(self):
        """Closes the line at once, without a farewell that a hanging server would not answer."""
        connection, self.connection = self.connection, None
        if connection:
            connection.close()
