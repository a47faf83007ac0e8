"""The only settings module. Everything that varies between machines comes from the environment (see .env.example)."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
ALLOW_DEMO = env.bool("ALLOW_DEMO", default=DEBUG)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-debugging" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is missing. Set it in the environment or in .env (see .env.example).")

SITE_NAME = env.str("SITE_NAME", default="Puente FLS")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_BASE_URL = env.str("SITE_BASE_URL", default="http://localhost:8000" if DEBUG else "").rstrip("/")
if not SITE_BASE_URL:
    raise ImproperlyConfigured("SITE_BASE_URL is missing: links in mail and QR codes need the site's public address.")
WAGTAILADMIN_BASE_URL = env.str("WAGTAILADMIN_BASE_URL", default=SITE_BASE_URL)
WAGTAIL_SITE_NAME = SITE_NAME

# --- apps ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    # floor 4
    "lms",
    "content",
    # floor 3: the Django label of `sessions` is `live` (sessions/apps.py), django.contrib.sessions keeps its own
    "sessions.apps.LiveConfig",
    # floor 2
    "evaluations",
    # floor 1
    "curriculum",
    # floor 0
    "notifications",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "polymorphic",
    "channels",
    "csp",
    "django_countries",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]
AUTH_USER_MODEL = "lms.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "lms.security.RequestIdMiddleware",
    "lms.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "lms.security.InputLimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.security.AdminDoorMiddleware",
    "lms.security.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "lms.security.HeadersMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
ASGI_APPLICATION = "lms.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "lms.shell.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "lms.templatetags.components",
            ],
        },
    }
]
FORM_RENDERER = "lms.shell.FormRenderer"

# --- data ----------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Read-then-write transactions lose to each other without IMMEDIATE; WAL keeps readers out of the writers' way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})
    # Compiling a plan costs half a second where the planner has no statistics yet, for queries that take under a millisecond.
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=20000 -c jit=off"
    )

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "puente"}
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # redis-py 8 gives sockets five seconds by default, which closes idle ones: django/channels_redis#422
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "puente"},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "puente"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- people --------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "lms.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "lms.forms.SignInForm", "request_login_code": "lms.forms.CodeForm", "reset_password": "lms.forms.NewPasswordForm",
}  # fmt: skip
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600
ACCOUNT_USER_DISPLAY = "lms.accounts.display_name"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/5m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/10s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# Staff, leads and editors need a second factor; the local demo offers it without forcing it, so that its logins work.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not (DEBUG or ALLOW_DEMO))

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "lms.views.errors.csrf_failure"

# --- transport and headers -----------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=30 * 24 * 3600 if SECURE_SSL_REDIRECT else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=bool(SECURE_HSTS_SECONDS))
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=bool(SECURE_HSTS_SECONDS))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if SECURE_PROXY_SSL_HEADER else 0)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
if SECURE_SSL_REDIRECT:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

CONTENT_SECURITY_POLICY = {
    # Wagtail's and Django's admin use inline scripts; they get the looser policy of lms/security.py instead.
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/django-admin/"),
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 * 2**20
MAX_BODY_SIZE = 12 * 2**20

# --- words, time ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("pt-br", _("Brazilian Portuguese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.str("DEFAULT_TIME_ZONE", default="UTC")
PROGRAMME_TIME_ZONE = env.str("PROGRAMME_TIME_ZONE", default="America/Mexico_City")
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "static-root"))
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 3600

# --- Wagtail -------------------------------------------------------------------------------------------------------
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
WAGTAIL_AUTOSAVE_INTERVAL = env.int("WAGTAIL_AUTOSAVE_INTERVAL", default=3000)
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 25_000_000
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 8 * 2**20
WAGTAILIMAGES_IMAGE_FORM_BASE = "curriculum.uploads.ImageForm"
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg", "jpeg", "webp"]
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "pptx", "xlsx"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "curriculum.uploads.DocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES = []
WAGTAILEMBEDS_FINDERS = []
WAGTAIL_USER_TIME_ZONES = [
    "UTC", "America/Mexico_City", "America/Tijuana", "America/Bogota", "America/Sao_Paulo", "America/Manaus",
    "America/Argentina/Buenos_Aires", "America/Santiago", "America/Lima", "America/Guayaquil", "America/Caracas",
    "America/La_Paz", "America/Asuncion", "America/Montevideo", "America/Panama", "America/Costa_Rica",
    "America/Guatemala", "America/Havana", "Europe/London", "Europe/Madrid", "Europe/Zurich",
]  # fmt: skip
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# --- mail and logs -------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL_")})
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <puente@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="contacto@puente.example")
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "notifications.smtp.EmailBackend"  # the same, and it knows what has certainly not left
# True for servers that drop a second copy of one Message-ID (Cyrus with duplicate suppression, Exchange, Gmail): then what was cut off
# while the server took it is sent once more. Else it is reported and a person decides.
MAIL_SERVER_DROPS_DUPLICATES = env.bool("MAIL_SERVER_DROPS_DUPLICATES", default=False)
MAIL_CLAIM_SECONDS = env.int("MAIL_CLAIM_SECONDS", default=300)  # after this long a message that a dead worker held is free again
QUIET_HOURS = tuple(
    env.list("QUIET_HOURS", default=["21:00", "07:00"])
)  # of people who chose none, in their own zone; equal: none
INBOX_URL = env.str(
    "INBOX_URL", default=""
)  # maildir:///path or imaps://user:password@host/folder; empty: replies by mail are not read
# Where reports of undelivered mail come back to, "+…" before the @ for each mail: for servers that offer no DSN (notifications/returning.py).
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
# Name under which the receiving mail server writes Authentication-Results (RFC 8601). With it, an answer to calendar mail counts only
# if that server says dmarc=pass; without it whoever knows a meeting's UID can answer under somebody else's address.
INBOX_AUTHSERV_ID = env.str("INBOX_AUTHSERV_ID", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "lms.security.RequestIdFilter"}, "keys": {"()": "lms.keys_in_addresses.KeysFilter"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "lms.security.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.str("LOG_FORMAT", default="text") == "json" else "text",
            "filters": ["request_id", "keys"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}

# --- rooms: sound and picture (sessions/conference/). Without any of this, rooms have: none, a link, or mesh in the browser -------
CONFERENCE_HOSTS = env.list(
    "CONFERENCE_HOSTS", default=["zoom.us", ".zoom.us", "meet.google.com", "teams.microsoft.com", "teams.live.com"]
)  # where pasted addresses may lead; a leading dot allows what is below
TURN_URLS, TURN_SECRET = env.list("TURN_URLS", default=[]), env.str("TURN_SECRET", default="")  # stun:…, turn:…, turns:…
JANUS_URL = env.str("JANUS_URL", default="")  # /path/of/socket (guarded by its file permission) or ws://127.0.0.1:8188
JANUS_API_SECRET, JANUS_ADMIN_KEY = env.str("JANUS_API_SECRET", default=""), env.str("JANUS_ADMIN_KEY", default="")
BBB_URL = env.str("BBB_URL", default="")  # https://…/bigbluebutton/api
BBB_SECRET = env.str("BBB_SECRET", default="")
JITSI_DOMAIN = env.str("JITSI_DOMAIN", default="")
JITSI_APP_ID, JITSI_APP_SECRET = env.str("JITSI_APP_ID", default=""), env.str("JITSI_APP_SECRET", default="")
LIVEKIT_URL = env.str("LIVEKIT_URL", default="")  # wss://…
LIVEKIT_MEET_URL = env.str("LIVEKIT_MEET_URL", default="")  # the page of LiveKit Meet that people are sent to
LIVEKIT_API_KEY, LIVEKIT_API_SECRET = env.str("LIVEKIT_API_KEY", default=""), env.str("LIVEKIT_API_SECRET", default="")
ZOOM_ACCOUNT_ID = env.str("ZOOM_ACCOUNT_ID", default="")
ZOOM_CLIENT_ID, ZOOM_CLIENT_SECRET = env.str("ZOOM_CLIENT_ID", default=""), env.str("ZOOM_CLIENT_SECRET", default="")
ZOOM_HOST = env.str("ZOOM_HOST", default="")  # the user of the account who holds the meetings
ZOOM_WEBHOOK_SECRET = env.str("ZOOM_WEBHOOK_SECRET", default="")
ZOOM_API_URL, ZOOM_SIGN_IN_URL = "https://api.zoom.us/v2", "https://zoom.us"
TEAMS_TENANT = env.str("TEAMS_TENANT", default="")
TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET = env.str("TEAMS_CLIENT_ID", default=""), env.str("TEAMS_CLIENT_SECRET", default="")
TEAMS_ORGANISER = env.str("TEAMS_ORGANISER", default="")  # object id of the user who organises
TEAMS_API_URL, TEAMS_SIGN_IN_URL = "https://graph.microsoft.com/v1.0", "https://login.microsoftonline.com"
# Who is in a call, for minutes at a time: a cache of its own, so that nothing else pushes these entries out.
CACHES["rooms"] = {**CACHES["default"], "KEY_PREFIX": "puente-rooms", "TIMEOUT": 60}
if not REDIS_URL:
    CACHES["rooms"] |= {"LOCATION": "puente-rooms", "OPTIONS": {"MAX_ENTRIES": 100_000}}
if JITSI_DOMAIN:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"] = [SELF, f"https://{JITSI_DOMAIN}"]

# --- Puente's own --------------------------------------------------------------------------------------------------
MIN_GROUP_SIZE = env.int("MIN_GROUP_SIZE", default=5)

# Contracts: a lower floor asks, an upper floor answers. The dotted paths are the whole list; there is no registry.
TODAY_CARDS = ["curriculum.today.cards", "evaluations.today.cards", "sessions.today.cards"]  # lms.today.Card
LESSON_CHECKS = "evaluations.checks.render"  # curriculum.pages.lesson.LessonChecks
ACTIVITY_STATES = [  # curriculum.progress.StartedActivities
    "curriculum.assignments.started_activities",
    "evaluations.answering.started_activities",
    "evaluations.teachback.started_activities",
]
REQUIREMENT_CHECKS = {  # curriculum.certification.RequirementCheck
    "activities": "curriculum.certification.activities_done",
    "teach-back": "evaluations.teachback.requirement",
}
COHORT_INSIGHTS = [  # curriculum.views.cohorts.Insight
    "curriculum.attention.insight",
    "evaluations.needs.insight",
    "evaluations.wave_people.insight",
    "evaluations.teachback.insight",
    "evaluations.attempts.insight",
    "evaluations.moore.overview.insight",
]
COHORT_ZONE_FOLLOWERS = ["sessions.moving.follow_cohort_zone"]  # curriculum.cohort_setup.change: (cohort, old zone)
CITY_NAMES = "lms.places.city"  # notifications.readers: IANA zone -> its city in the active language
CALENDAR_ENTRIES = [
    "sessions.entries.entries"
]  # notifications.feed: provider(user, since, until) -> [notifications.calendar.Entry]
ATTENTION = [
    "curriculum.behind.items",
    "evaluations.attention.items",
    "sessions.attention.items",
]  # curriculum.attention.Provider
TEXT_CHANNELS = {"sms": "notifications.texts.Console"} if DEBUG else {}  # notifications.texts.Channel by name ("sms", "whatsapp")
CALENDAR_REPLIES = "sessions.replies.take"  # notifications.mailbox: take(address, iCalendar text) -> bool
MESSAGE_CENTRE_READERS = "curriculum.roles.leads_programme"  # notifications.centre.open_to: user -> bool
PEOPLE_LED = "curriculum.roles.people_led"  # notifications.models.message.people_led: (user, mentors=False) -> users
MESSAGE_FACTS = "sessions.told_about.may_read"  # notifications.trying_words.preview: (reader, message) -> bool
WAVE_PLANS = "content.waves.plan_for"  # evaluations.wave_plan.WavePlan
MOORE_INDICATORS = [  # evaluations.moore.indicators.base.Indicator
    "evaluations.moore.indicators.completion.indicators",
    "evaluations.moore.indicators.satisfaction.indicators",
    "evaluations.moore.indicators.knowledge.indicators",
    "evaluations.moore.indicators.competence.indicators",
    "evaluations.moore.indicators.performance.indicators",
    "evaluations.moore.indicators.published.indicators",
    "sessions.indicators.indicators",
]
