"""The project's settings with a fast hasher, mail in memory and tasks at once."""

import hashlib
import os
import tempfile

os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("SITE_BASE_URL", "http://testserver")
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")
os.environ.setdefault("ALLOW_DEMO", "1")

from lms.settings import *  # noqa: F403
from lms.settings import BASE_DIR, DATABASES

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
QUIET_HOURS = ("00:00", "00:00")  # else the suite would do other things by night
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
LOGGING_CONFIG = None

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads must meet at the database as they do in production. In /dev/shm where there is one.
    FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
    CHECKOUT = hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:8]
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(FOLDER, f"puente-test-{CHECKOUT}-{os.getpid()}.sqlite3")}
