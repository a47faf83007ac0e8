"""As in production, but for the compression of static files, which takes longer than the tests that read them."""

from lms.settings import *  # noqa: F403
from lms.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
