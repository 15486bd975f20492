"""Fetching something from an address that a person wrote, without becoming their arm into our network (SSRF).

A name is looked up once, every address that it has is judged, and the connection goes to exactly the address that
was judged: what the name means a moment later (DNS rebinding) does not matter. The same holds for each redirect.
No proxy of the environment is used, no cookie kept, nothing unpacked. Whatever goes wrong is told in the same words,
so that nobody learns from them what answers inside.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from toli.core.apart import apart
from toli.core.domain.addresses import AddressRefused, web_address
from toli.core.domain.networks import Address, is_public, parsed
from toli.core.errors import AddressUnfit, NotFetched

if TYPE_CHECKING:
    import aiohttp

SECONDS = 10  # for everything: looking up, connecting, redirects, reading
CONNECT_SECONDS = 4  # for one of several addresses
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4  # of one name that are tried
PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_AS_IT_IS = "%/:?#[]@!$&'()*+,;=-._~"


def ask_resolver(host: str, port: int) -> list[str]:
    """The addresses of a name, also of a number written in some unusual way. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Network:
    """What may be reached and how names are looked up. Tests give their own; everybody else means the internet."""

    reachable: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], Sequence[str]] = ask_resolver
    ports: frozenset[int] = frozenset(PORTS.values())
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


INTERNET = Network()


class _Refused(Exception):
    """It leads somewhere we do not go, or answers in a way we do not take."""


def fetch(address: str, *, most_bytes: int, accept: str = "*/*", network: Network | None = None) -> bytes:
    """What is found at a web address.

    Of something longer than ``most_bytes``, one byte more than these: the caller sees that it was too long.

    Raises:
        AddressUnfit: not an http or https address, a port of its own, or a name and password in it.
        NotFetched: for every other reason, told apart for nobody.
    """
    chosen = network or INTERNET
    first = _target(address, chosen)
    try:
        return apart(lambda: asyncio.run(_fetch(first, most_bytes, accept, chosen)), name="fetch")
    except (_Refused, OSError, ValueError, TimeoutError):
        raise NotFetched from None


def leads_outside(address: str, *, network: Network | None = None) -> bool:
    """Whether a web address, on whatever port, leads to the internet and nowhere else, as its name is looked up now."""
    chosen = network or INTERNET
    try:
        parts = urlsplit(web_address(address))
        found = [parsed(text) for text in chosen.resolve(parts.hostname or "", _port(parts))]
    except (AddressRefused, OSError, ValueError):
        return False
    return bool(found) and all(item is not None and chosen.reachable(item) for item in found)


def _target(address: str, network: Network) -> SplitResult:
    """Raises AddressUnfit."""
    try:
        parts = urlsplit(web_address(address))
    except AddressRefused:
        raise AddressUnfit from None
    if _port(parts) not in network.ports:
        raise AddressUnfit
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


async def _fetch(target: SplitResult, most_bytes: int, accept: str, network: Network) -> bytes:
    import aiohttp  # takes a quarter of a second to load, and most processes never fetch
    from aiohttp.http import HttpProcessingError

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True, ssl=network.trust()),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        headers={"User-Agent": "Toli", "Accept": accept, "Accept-Encoding": "identity"},
        trust_env=False,
        auto_decompress=False,
    )
    try:
        async with asyncio.timeout(SECONDS), session:
            return await _followed(session, target, most_bytes, network)
    except (aiohttp.ClientError, HttpProcessingError) as error:
        raise _Refused(type(error).__name__) from error


async def _followed(session: "aiohttp.ClientSession", target: SplitResult, most_bytes: int, network: Network) -> bytes:
    """What stands at the end of the redirects."""
    for _redirect in range(MOST_REDIRECTS + 1):
        async with await _open(session, target, await _addresses(target, network)) as answer:
            if answer.status not in _REDIRECTS:
                return await _body(answer, most_bytes)
            target = _next(target, answer.headers.get("Location", ""), network)
    raise _Refused("too many redirects")


async def _addresses(target: SplitResult, network: Network) -> list[Address]:
    """Those that may be connected to. One that leads inside condemns the name."""
    found = [parsed(text) for text in await _looked_up(target, network)]
    addresses = [address for address in found if address is not None and network.reachable(address)]
    if not found or len(addresses) != len(found):
        raise _Refused("leads inside")
    return addresses[:MOST_ADDRESSES]


async def _looked_up(target: SplitResult, network: Network) -> Sequence[str]:
    """A thread of its own: a resolver cannot be interrupted, and nobody shall wait for it at the end."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="resolver")
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, network.resolve, str(target.hostname), _port(target))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def _open(
    session: "aiohttp.ClientSession", target: SplitResult, addresses: Sequence[Address]
) -> "aiohttp.ClientResponse":
    """The answer of the first address that can be reached. The number stands in the URL, so nothing is looked up
    again; the name stands in the Host header, and is what the certificate has to be made out to."""
    import aiohttp
    import yarl

    for address in addresses:
        try:
            return await session.get(
                yarl.URL(_with_number(target, address), encoded=True),
                headers={"Host": target.netloc},
                server_hostname=target.hostname,
                allow_redirects=False,
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            continue
    raise _Refused("nobody answers")


def _with_number(target: SplitResult, address: Address) -> str:
    """Signs beyond ASCII are escaped; what is escaped stays as it is, since signed addresses depend on it."""
    shown = f"[{address}]" if address.version == 6 else str(address)
    path, query = quote(target.path or "/", safe=_AS_IT_IS), quote(target.query, safe=_AS_IT_IS)
    return urlunsplit((target.scheme, f"{shown}:{_port(target)}", path, query, ""))


async def _body(answer: "aiohttp.ClientResponse", most_bytes: int) -> bytes:
    if answer.status != 200:
        raise _Refused("not found")
    kept = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        kept += chunk
        if len(kept) > most_bytes:
            break
    return bytes(kept[: most_bytes + 1])


def _next(current: SplitResult, location: str, network: Network) -> SplitResult:
    """Where a redirect leads. Once it was encrypted it stays so."""
    if not location:
        raise _Refused("leads nowhere")
    try:
        target = _target(urljoin(current.geturl(), location), network)
    except AddressUnfit:
        raise _Refused("leads astray") from None
    if current.scheme == "https" and target.scheme != "https":
        raise _Refused("leads into the open")
    return target
