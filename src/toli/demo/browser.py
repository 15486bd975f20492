"""A person's browser, as far as the server can tell: cookies, forms, redirects, one address.

Nothing here knows Toli from inside; what a simulated person does, a real one could do with curl.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PATIENCE = 90  # seconds to wait for a server that is being started again
PHONE = "Mozilla/5.0 (Linux; Android 12; RMX3231) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile"
Fields = Mapping[str, str | bytes | Sequence[str]]


class UnexpectedAnswer(Exception):
    """The server answered in a way that ends the journey."""


@dataclass(slots=True)
class Page:
    """What came back: ``url`` after local redirects; ``location`` where a redirect leads off the site."""

    status: int
    url: str
    text: str
    location: str = ""


class Network:
    """Connections to one server, from as many loopback addresses as asked for."""

    def __init__(self, base_url: str, *, addresses: int = 1, connections: int = 16) -> None:
        self.base_url = base_url
        self._addresses = addresses
        self._connections = connections
        self._sessions: list[aiohttp.ClientSession] = []

    async def __aenter__(self) -> Self:
        for number in range(self._addresses):
            address = f"127.0.{number // 250}.{number % 250 + 1}"
            connector = aiohttp.TCPConnector(limit=self._connections, local_addr=(address, 0))
            self._sessions.append(
                aiohttp.ClientSession(
                    connector=connector,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=60),
                )
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions:
            await session.close()

    def session(self, number: int = 0) -> aiohttp.ClientSession:
        """The connections that come from one address."""
        return self._sessions[number % len(self._sessions)]


def _form(fields: Fields | None) -> aiohttp.FormData | None:
    """The body of a form; read anew with each try, since it is used up by sending."""
    if fields is None:
        return None
    form = aiohttp.FormData(default_to_multipart=any(isinstance(value, bytes) for value in fields.values()))
    for name, value in fields.items():
        for one in [value] if isinstance(value, str | bytes) else value:
            form.add_field(name, one, filename=name if isinstance(one, bytes) else None)
    return form


@dataclass(slots=True)
class Browser:
    """One person's browser. ``cookies`` may be kept and given to a later browser of the same person."""

    network: Network
    address: int = 0
    agent: str = PHONE
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    async def get(self, path: str) -> Page:
        """Open a page. Local redirects are followed."""
        return await self._request("GET", path, None)

    async def post(self, path: str, fields: Fields | None = None, *, follow: bool = True) -> Page:
        """Send a form of a page that was opened before; bytes are a file. ``follow``: look at the page it leads to."""
        data = {"csrfmiddlewaretoken": self.token, **(fields or {})}
        return await self._request("POST", path, data, follow=follow)

    async def _request(self, method: str, path: str, data: Fields | None, *, follow: bool = True) -> Page:
        url = urljoin(self.network.base_url, path)
        for _hop in range(8):
            page = await self._once(method, url, data)
            if page.status not in {301, 302, 303} or not follow:
                return page
            target = urljoin(url, page.location)
            if urlsplit(target).netloc != urlsplit(self.network.base_url).netloc:
                page.location = target
                return page
            method, url, data = "GET", target, None
        raise UnexpectedAnswer(f"too many redirects from {path}")

    async def _once(self, method: str, url: str, data: Fields | None) -> Page:
        headers = {"User-Agent": self.agent}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        session = self.network.session(self.address)
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                async with session.request(
                    method, url, data=_form(data), headers=headers, allow_redirects=False
                ) as response:
                    text = await response.text()
                    if response.status in {500, 502, 503}:
                        raise aiohttp.ClientError(f"{response.status} from {url}")
                    self._remember(response, text)
                    return Page(response.status, str(response.url), text, response.headers.get("Location", ""))
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise UnexpectedAnswer(f"{method} {urlsplit(url).path}: {error}") from error
                await asyncio.sleep(0.5)

    def _remember(self, response: aiohttp.ClientResponse, text: str) -> None:
        for name, morsel in response.cookies.items():
            self.cookies[name] = morsel.value
        if found := _TOKEN.search(text):
            self.token = found[1]
