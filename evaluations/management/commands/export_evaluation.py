"""Writes the results of a cohort into a file: the same sheets, figures and protection as the page gives, never names."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from curriculum.models import Cohort
from evaluations.takeaway import files
from evaluations.takeaway.source import NoData


class Command(BaseCommand):
    help = "Writes the results of a cohort to a file (XLSX, or CSV tables in a ZIP), without names."

    def add_arguments(self, parser):
        parser.add_argument("--cohort", type=int, required=True, help="number of the cohort")
        parser.add_argument("--format", choices=["xlsx", "csv"], required=True)
        parser.add_argument("--output", type=Path, required=True, help="file to write; one that exists is replaced")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE)

    def handle(self, *, cohort, format, output, language, **options):
        found = Cohort.objects.filter(pk=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}.")
        try:
            file = files.make(found, format, language)
        except NoData as refusal:
            raise CommandError(refusal.text) from refusal
        try:
            output.write_bytes(file.content)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{output}: {len(file.content)} bytes")
