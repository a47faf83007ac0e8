import logging
import time

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from content.library import ROOT, Broken, read_library
from content.loader import Report, load


class Command(BaseCommand):
    help = "Loads the curriculum and everything else in content/. Loading twice changes nothing; edited pages are left alone."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only read the files and say what is wrong")
        parser.add_argument("--root", default=str(ROOT), help="another content folder")

    def handle(self, *args, **options):
        if options["verbosity"] < 2:
            logging.getLogger("wagtail").setLevel(logging.WARNING)  # three lines for each page
        begun = time.monotonic()
        try:
            report = self.read(options["root"]) if options["check"] else load(options["root"])
        except Broken as broken:
            for problem in broken.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{len(broken.problems)} problem(s) in the content. Nothing was loaded.") from None
        except ValidationError as error:
            raise CommandError(f"Nothing was loaded: {'; '.join(error.messages)}") from error
        for warning in report.warnings:
            self.stdout.write(self.style.WARNING(f"note: {warning}"))
        if options["check"]:
            self.stdout.write(self.style.SUCCESS("The content is in order."))
            return
        self.tell(report, options["verbosity"])
        self.stdout.write(f"{time.monotonic() - begun:.1f} s")

    def read(self, root):
        return Report(warnings=read_library(root).warnings)

    def tell(self, report, verbosity):
        for name in ("created", "updated", "retired", "skipped"):
            items = getattr(report, name)
            if items:
                self.stdout.write(f"{name}: {len(items)}")
            for item in items if verbosity > 1 or name in ("retired", "skipped") else ():
                self.stdout.write(f"  {item}")
        self.stdout.write(self.style.SUCCESS(f"unchanged: {report.unchanged}"))
