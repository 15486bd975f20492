"""What happens to every request: language, safe headers, refusals turned into pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation

from toli.core.errors import DomainError
from toli.web import errors

LANGUAGE_COOKIE = "lang"
LANGUAGE_IN_SESSION = "language"
LANGUAGES = ("hi", "en")
Handler = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    # Browsers apply this to every redirect that follows a form: wa.me leads on to api.whatsapp.com.
    "form-action 'self' https://*.whatsapp.com https://wa.me https://t.me https://*.facebook.com https://x.com"
)


class HttpsOnly:
    """Where people reach us by https, http says nothing: pages lead over to https, forms are refused.

    How a visitor came is told by the proxy in front, in X-Forwarded-Proto. From anybody who is no trusted proxy
    (TOLI_TRUSTED_PROXIES) that header is thrown away. Only the question whether we are well may come by http.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") not in settings.TRUSTED_PROXIES:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        if not settings.HTTPS_ONLY or request.is_secure() or request.path == "/healthz":
            return self.get_response(request)
        if request.method in {"GET", "HEAD"}:
            return HttpResponsePermanentRedirect(settings.BASE_URL + request.get_full_path())
        return HttpResponse("https only\n", status=403, content_type="text/plain")


class SecurityHeaders:
    """Nothing from elsewhere may run or load here; personal pages stay out of shared caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("X-Frame-Options", "DENY")  # for browsers that do not know frame-ancestors
        response.setdefault("Cache-Control", "private, no-store")
        if settings.SECURE_HSTS_SECONDS:  # also where no proxy says that the visitor came by https
            response.setdefault(
                "Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
            )
        return response


class ChosenLanguage:
    """The language that the visitor chose, else the account's, else the deployment's.

    A cookie of two letters remembers it; the browser's list is not asked, because cheap phones are
    sold with English as the system language to people who read Hindi.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        chosen = asked if asked in LANGUAGES else request.COOKIES.get(LANGUAGE_COOKIE, "")
        if chosen not in LANGUAGES:
            chosen = request.session.get(LANGUAGE_IN_SESSION) or translation.get_language() or "hi"
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
            response.setdefault("Content-Language", chosen)
        shared = response.get("Cache-Control", "").startswith("public")  # caches must not hand out cookies
        if asked in LANGUAGES and request.COOKIES.get(LANGUAGE_COOKIE) != asked and not shared:
            response.set_cookie(
                LANGUAGE_COOKIE,
                asked,
                max_age=31536000,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


class BodyLimit:
    """More than a page takes is refused by what the request says of its length, before any of it is read.

    Django limits what it keeps in memory, but not files, which it writes to the disk without end. A body without
    a length is read as empty by WSGI. Stands before the check of form tokens, which reads the form.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_rest: object
    ) -> HttpResponse | None:
        most = getattr(view, "most_bytes", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= most:
            return None
        return errors.too_large(request, most)


class DomainErrors:
    """A refusal that reaches the top becomes a page with the right status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.for_domain_error(request, error) if isinstance(error, DomainError) else None
