"""Django's settings, from the environment (config/environment.py) and the secrets file."""

import atexit
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from toli.config import environment, secrets, senders
from toli.core import redaction
from toli.core.embedded_postgres import EmbeddedPostgres

_env = environment.read()
PACKAGE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(_env["TOLI_VAR_DIR"]).resolve()
_secrets = secrets.load(VAR_DIR)

# -- the database ----------------------------------------------------------------------------------

EMBEDDED_POSTGRES: EmbeddedPostgres | None = None
if not _env["TOLI_DATABASE_URL"]:
    EMBEDDED_POSTGRES = EmbeddedPostgres(VAR_DIR / "postgres")


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "toli.core.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "application_name": "toli"},
    }


if EMBEDDED_POSTGRES:
    EMBEDDED_POSTGRES.acquire()
    atexit.register(EMBEDDED_POSTGRES.release)
DATABASES = {"default": _database(_env["TOLI_DATABASE_URL"] or EMBEDDED_POSTGRES.url())}  # type: ignore[union-attr]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- what Toli is made of --------------------------------------------------------------------------

CONTEXTS = [
    "core", "audit", "territories", "accounts", "access", "members", "compliance", "content", "cards", "dues",
    "messaging", "enrolment", "assignments", "rolls", "sharing", "chatgroups", "botgroups", "distribution",
    "posting", "analytics", "rights",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    *[f"toli.{name}" for name in CONTEXTS],
    "toli.web",
]
AUTH_USER_MODEL = "accounts.Account"
GROUP_PROVIDERS = [
    "toli.integrations.assisted.provider.AssistedGroupProvider",
    "toli.integrations.telegram_groups.provider.TelegramGroupProvider",
]
CHANNEL_PROVIDERS = [
    "toli.integrations.whatsapp_cloud.provider.WhatsAppCloudProvider",
    "toli.integrations.sms.channel.SmsChannelProvider",
    "toli.integrations.web_push.provider.WebPushProvider",
    "toli.integrations.telegram_channel.provider.TelegramChannelProvider",
    "toli.integrations.email_smtp.provider.EmailProvider",
]
POST_PROVIDERS = [
    "toli.integrations.telegram_posts.provider.TelegramPosts",
    "toli.integrations.meta.facebook.FacebookPages",
    "toli.integrations.meta.instagram.InstagramAccounts",
    "toli.integrations.meta.threads.ThreadsAccounts",
    "toli.integrations.youtube.provider.YouTubeChannels",
]
TEXT_SENDERS = senders.TEXT_SENDERS
TEXT_SENDERS_FOR_TRYING = senders.FOR_TRYING
TEXT_SENDER_ORDER = _env["TOLI_SENDER"]
TOLI_SENDER_SECONDS = _env["TOLI_SENDER_SECONDS"]
TOLI_SMS_FILE = _env["TOLI_SMS_FILE"]
TOLI_SMS_SECRET = _env["TOLI_SMS_SECRET"]
TOLI_TELEGRAM_SECRET = _env["TOLI_TELEGRAM_SECRET"]
TOLI_TELEGRAM_URL = _env["TOLI_TELEGRAM_URL"]
TOLI_TELEGRAM_BOT_SECRET = _env["TOLI_TELEGRAM_BOT_SECRET"]
TOLI_TELEGRAM_BOT_URL = _env["TOLI_TELEGRAM_BOT_URL"]
TOLI_TELEGRAM_BOT_RATE = _env["TOLI_TELEGRAM_BOT_RATE"]
TOLI_UPI_ADDRESS = _env["TOLI_UPI_ADDRESS"]
TOLI_PAY_LINK = _env["TOLI_PAY_LINK"]

MIDDLEWARE = [
    "toli.web.middleware.HttpsOnly",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "toli.web.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "toli.web.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "toli.web.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "toli.web.middleware.DomainErrors",
]
ROOT_URLCONF = "toli.config.urls"
WSGI_APPLICATION = "toli.config.wsgi.application"
# prefix -> an ASGI callable that answers beside Django; see toli.web.beside
THIN_PATHS: dict[str, str] = {
    "/in/": "toli.web.fast.callbacks.ProviderCallbacks",
    "/s/": "toli.web.public.quick_share.QuickShare",
}
WEB_THREADS = 8  # as many as pages that work, and WAITING_PAGES of accounts/services/sending.py on top
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "toli.web.context.organisation",
                "toli.web.context.codes",
            ],
            "builtins": ["toli.web.templatetags.toli", "django.templatetags.l10n"],
        },
    }
]

# -- languages -------------------------------------------------------------------------------------

LANGUAGE_CODE = _env["TOLI_LANGUAGE"]
LANGUAGES = [("hi", "हिन्दी"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = _env["TOLI_TIME_ZONE"]
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# -- web -------------------------------------------------------------------------------------------

DEBUG = _env["TOLI_DEBUG"]
SECRET_KEY = _secrets.django
BASE_URL = _env["TOLI_BASE_URL"]
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = [_base.hostname, "127.0.0.1", "localhost", *_env["TOLI_ALLOWED_HOSTS"]]
TRUSTED_PROXIES = frozenset(_env["TOLI_TRUSTED_PROXIES"])
WEB_PORT = _env["TOLI_PORT"]
WEB_WORKERS = _env["TOLI_WEB_WORKERS"]
_secure = _base.scheme == "https"
SESSION_COOKIE_NAME = "__Host-toli" if _secure else "toli"
SESSION_ENGINE = "toli.accounts.sessions"
SESSION_COOKIE_AGE = 24 * 3600  # of a visitor; who signs in gets a cookie for as long as their session can last
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrf"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "toli.web.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
HTTPS_ONLY = _secure  # enforced by toli.web.middleware.HttpsOnly, which knows whom to believe
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
LOGIN_URL = "/sign-in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # a picture leaves no copy on the disk; see web.limited.takes_files

STATIC_URL = "/static/"
STATIC_ROOT = PACKAGE_DIR / "web" / "static"  # served as they lie in the package: nothing to collect
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"

# -- keys ------------------------------------------------------------------------------------------

TOLI_FIELD_KEYS = _secrets.field_keys
TOLI_INDEX_KEYS = _secrets.index_keys
TOLI_TOMBSTONE_KEY = _secrets.tombstone_key
TOLI_CARD_KEYS = _secrets.card_keys
TOLI_AUDIT_KEYS = _secrets.audit_keys
OUTBOX_DIR = VAR_DIR / "outbox"
MAIL_DIR = VAR_DIR / "mail"
EXPORTS_DIR = VAR_DIR / "exports"
IMPORTS_DIR = VAR_DIR / "imports"
RIGHTS_DIR = VAR_DIR / "rights"
AUDIT_DIR = VAR_DIR / "audit"
MESSAGING_DIR = VAR_DIR / "messaging"
DONE_DIR = VAR_DIR / "done"  # files that the operator's own scripts touch: backup, heads

# -- limits of what one person can see and take out --------------------------------------------------

TOLI_CODES_PER_HOUR = _env["TOLI_CODES_PER_HOUR"]
TOLI_MEMBERS_PER_PHONE = _env["TOLI_MEMBERS_PER_PHONE"]
TOLI_REVEALS_PER_DAY = _env["TOLI_REVEALS_PER_DAY"]
TOLI_EXPORT_MAX_ROWS = _env["TOLI_EXPORT_MAX_ROWS"]
TOLI_EXPORT_ALONE_ROWS = _env["TOLI_EXPORT_ALONE_ROWS"]
TOLI_DIVIDE_ALONE_PEOPLE = _env["TOLI_DIVIDE_ALONE_PEOPLE"]
TOLI_EXPORT_ROWS_PER_DAY = _env["TOLI_EXPORT_ROWS_PER_DAY"]
TOLI_ROLE_MONTHS = _env["TOLI_ROLE_MONTHS"]
TOLI_RIGHTS_DAYS = _env["TOLI_RIGHTS_DAYS"]
TOLI_COMPLAINT_DAYS = _env["TOLI_COMPLAINT_DAYS"]
TOLI_KEEP_DAYS = _env["TOLI_KEEP_DAYS"]
TOLI_ENROL_DAYS = _env["TOLI_ENROL_DAYS"]
TOLI_GROUP_LIMITS = _env["TOLI_GROUP_LIMITS"]
TOLI_SEAT_DAYS = _env["TOLI_SEAT_DAYS"]
TOLI_CALL_SAMPLE = _env["TOLI_CALL_SAMPLE"]
TOLI_CALL_DAYS = _env["TOLI_CALL_DAYS"]

# -- logs --------------------------------------------------------------------------------------------


def _never_logged() -> list[str | bytes]:
    """Every secret that this process knows, keys added while it runs included."""
    rings = (_secrets.field_keys, _secrets.index_keys, _secrets.audit_keys, _secrets.card_keys)
    keys = [_secrets.tombstone_key, *(key for ring in rings for key in ring.values())]
    passwords = [str(DATABASES["default"]["PASSWORD"]), TOLI_SMS_SECRET, TOLI_TELEGRAM_SECRET, TOLI_TELEGRAM_BOT_SECRET]
    return [SECRET_KEY, *keys, *passwords]


redaction.install(_never_logged)
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}},
}
