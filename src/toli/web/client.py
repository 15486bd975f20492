"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address.

    X-Forwarded-For is believed only as far as trusted proxies wrote it: from the right, the first
    address that is not one of them. Anybody can send the header; only our proxy appends to it.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address not in settings.TRUSTED_PROXIES:
        return address
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        address = hop.strip() or address
        if address not in settings.TRUSTED_PROXIES:
            break
    return address
