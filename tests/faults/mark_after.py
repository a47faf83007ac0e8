"""A worker with the fault the test must find: it marks a message as sent after sending it and holds no claim meanwhile."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")


def main():
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from notifications import claims

    def no_claim(message):
        message.sent_at = timezone.now()
        return 1

    claims.claim, claims.hand_over = no_claim, lambda message: None
    call_command("worker")


if __name__ == "__main__":
    sys.exit(main())
