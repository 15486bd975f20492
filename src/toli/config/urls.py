"""Root of all addresses."""

from toli.web.urls import urlpatterns

__all__ = ["urlpatterns"]

handler400 = "toli.web.errors.bad_request"
handler403 = "toli.web.errors.forbidden"
handler404 = "toli.web.errors.not_found"
handler500 = "toli.web.errors.server_error"
