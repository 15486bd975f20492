"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address."""
    return address_behind(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", ""))


def address_behind(peer: str, forwarded: str) -> str:
    """The visitor's IP address, where ``peer`` is who spoke to us and ``forwarded`` what X-Forwarded-For says.

    The header is believed only as far as trusted proxies wrote it: from the right, the first address that is not
    one of them. Anybody can send it; only our proxy appends to it.
    """
    address = peer
    if address not in settings.TRUSTED_PROXIES:
        return address
    for hop in reversed(forwarded.split(",")):
        address = hop.strip() or address
        if address not in settings.TRUSTED_PROXIES:
            break
    return address
