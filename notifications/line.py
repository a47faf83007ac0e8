"""One line to the mail server for many messages: opened with the first, renewed when the server hangs up, closed at the end."""

import contextlib
import smtplib

from django.core.mail import get_connection

from notifications import smtp

PER_CONNECTION = 100  # servers end long lines by themselves, in the middle of a message if need be


class Line:
    """`works` is False once the server cannot be reached, `trouble` is then the error; `began` says whether it had begun to talk about
    the message that failed. Any backend of Django fits; only ours (notifications/smtp.py) knows the instant before the final dot."""

    def __init__(self):
        self.backend = get_connection()
        self.works, self.began, self.trouble, self.carried = True, False, None, 0
        self.is_smtp = isinstance(self.backend, smtp.EmailBackend)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        with contextlib.suppress(OSError):
            if self.works:
                self.backend.close()
            elif self.is_smtp:
                self.backend.drop()

    def open(self):
        """Says whether the server answers. `SMTPException` is an `OSError`."""
        try:
            if self.is_smtp and self.carried >= PER_CONNECTION:
                self._hang_up()
            self.backend.open()
        except OSError as error:
            self.works, self.trouble, self.began = False, error, False
        return self.works

    def carry(self, mail, hand_over):
        """Sends a mail (EmailMultiAlternatives). `hand_over` is called when it can no longer be taken back. Raises what goes wrong.

        A line that the server has closed since the last message is opened again, once, before anything is said about this one.
        """
        handed = []
        self.began = False
        if not self.is_smtp:
            hand_over()
            mail.connection = self.backend
            mail.send()
            return
        try:
            self._say(mail, hand_over, handed)
        except OSError as error:
            if handed or not self.carried or not _says_goodbye(error):
                self._note(error)
                raise
            self._again(mail, hand_over, handed)
        except BaseException:
            self.backend.drop()  # in the middle of a mail: the next one needs a line of its own
            raise
        self.carried += 1

    def in_doubt(self, error, handed_at):
        """Whether a mail that failed may have left: it was all there, and the server did not refuse it."""
        if not self.is_smtp or handed_at is None:
            return False
        refusal = refusal_of(error)
        return not (refusal and 400 <= refusal[0] < 600)

    def _again(self, mail, hand_over, handed):
        self.began = False
        try:
            self._hang_up()
            self.backend.open()
            self._say(mail, hand_over, handed)
        except OSError as error:
            self._note(error)
            raise

    def _say(self, mail, hand_over, handed):
        def before_dot():
            hand_over()
            handed.append(True)

        self.began = True
        self.backend.tell_before_dot(before_dot, getattr(mail, "envelope_id", ""))
        mail.connection = self.backend
        mail.send()

    def _note(self, error):
        if _says_goodbye(error):
            self.works, self.trouble = False, error
            self.backend.drop()

    def _hang_up(self):
        self.carried = 0
        with contextlib.suppress(OSError):
            self.backend.drop()


def refusal_of(error):
    """(reply code, what was said, whether it was about the recipient) of a server's no to one mail; `None` for anything else.

    A no to our name, our password or our sender's address is about the line, not about a mail.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        reply, said = next(iter(error.recipients.values()))
        return reply, _text(said), True
    if isinstance(error, smtplib.SMTPDataError) and 400 <= error.smtp_code < 600:
        return error.smtp_code, _text(error.smtp_error), False
    return None


def _says_goodbye(error):
    """A refusal leaves the line as it was, except "421 closing" (RFC 5321, 3.8); anything else is the end of it."""
    refusal = refusal_of(error)
    return refusal is None or refusal[0] == 421


def _text(said):
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
