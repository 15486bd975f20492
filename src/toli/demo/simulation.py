"""What people do in the demonstration: all of it over HTTP, with forms, cookies and codes.

Every act is safe to repeat, and what a person does follows from their number alone; so a run that was
interrupted comes to the same totals, whenever it goes on.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from toli.demo.browser import Browser, Fields, Network, Page, UnexpectedAnswer
from toli.demo.journal import Journal
from toli.demo.people import ADDRESSES, ROBOTS, Person, Visit
from toli.demo.plan import CAMPAIGN, DEPTHS, KIT, MISTAKE, STATES, DemoPlan
from toli.demo.poster import ALT, poster
from toli.demo.stages import APPROVER, HEADQUARTERS, WRITER, Inbox, coordinated_places, coordinator_login, people

Advance = Callable[[int, int], None]
AT_ONCE = 12  # people who act at the same time
HOMES = 200  # addresses that members come from
_LINK = re.compile(r"/w/\S+")
_WORK = re.compile(r'action="(/console/work/\d+)"[^>]*>(.*?)</form>', re.DOTALL)
_STOP = re.compile(r"/c/[\w.~-]+")
_SHARED = re.compile(r"/s/([0-9a-z]{10})")
_CODE = re.compile(r"\A(\d{6}) ")
UNCONFIRMED = "KL-ZONE3"  # here the kit stops: its coordinator does not answer


class Simulation:
    """The people of one demonstration and the server they use."""

    def __init__(self, plan: DemoPlan, base_url: str, journal: Journal, links: dict[str, str]) -> None:
        self._plan = plan
        self._base_url = base_url
        self._journal = journal
        self._links = links
        self._inbox = Inbox()

    # -- members ------------------------------------------------------------------------------------

    def members_join(self, wave: int, advance: Advance) -> None:
        """Members of a wave open their welcome, go to their group and say that they are in it."""
        welcomes = self._inbox.all_of("welcome")
        chosen = [person for person in people(self._plan) if person.joins_in_wave == wave]

        async def act(network: Network, person: Person) -> None:
            browser = await self._member(network, person, welcomes)
            await self._enter_group(browser)
            self._journal.note(f"joined-{wave}", str(person.index))

        self._run(act, self._left(f"joined-{wave}", chosen), advance)

    def members_follow(self, advance: Advance) -> None:
        """Those whose group was divided move over to the new one."""
        welcomes = self._inbox.all_of("welcome")
        chosen = [person for person in people(self._plan) if person.joins_in_wave == 1]

        async def act(network: Network, person: Person) -> None:
            browser = await self._member(network, person, welcomes)
            await self._enter_group(browser)
            self._journal.note("followed", str(person.index))

        self._run(act, self._left("followed", chosen), advance)

    def members_share(self, advance: Advance) -> None:
        """Members pass today's kit on, each with their own words and link."""
        welcomes = self._inbox.all_of("welcome")
        chosen = [person for person in people(self._plan) if person.channels]

        async def act(network: Network, person: Person) -> None:
            browser = await self._member(network, person, welcomes)
            codes = {}
            for channel in person.channels:
                page = await self._press(browser, f"/me/share/{KIT}/{channel}")
                codes[channel] = _share_code(page.location)
            if person.index % 10:  # nearly all of those who pass material on agree to getting it
                await self._press(browser, "/me/data", {"purpose": "content", "given": "yes"})
            self._journal.note("shared", str(person.index), codes)

        self._run(act, self._left("shared", chosen), advance)

    def members_stop(self, texts: Mapping[str, str], advance: Advance) -> None:
        """Some of those who got a message open the link in it that stops them. ``texts``: the last one by number."""
        chosen = [person for person in people(self._plan) if person.index % 6 == 0 and person.phone in texts]

        async def act(network: Network, person: Person) -> None:
            link = _STOP.search(texts[person.phone])
            if link is None:
                raise UnexpectedAnswer("a message without a way out")
            browser = Browser(network, person.index)
            await browser.get(link[0])
            await browser.post(link[0], {"what": "content"})
            self._journal.note("stopped", str(person.index))

        self._run(act, self._left("stopped", chosen), advance)

    # -- citizens -----------------------------------------------------------------------------------

    def citizens_open(self, advance: Advance) -> None:
        """Citizens open the links they were sent; so do the robots of chat apps, which must not count."""
        chosen = [person for person in people(self._plan) if person.channels]

        async def act(network: Network, person: Person) -> None:
            for channel, code in self._journal.value("shared", str(person.index)).items():
                if person.index % 4 == 0:
                    await Browser(network, agent=ROBOTS[person.index % len(ROBOTS)]).get(f"/s/{code}")
                for visit in person.visits(channel):
                    await Browser(network, visit.address, visit.agent).get(f"/s/{code}")
            self._journal.note("opened", str(person.index))

        self._run(act, self._left("opened", chosen), advance, addresses=ADDRESSES)

    def citizens_join(self, advance: Advance) -> None:
        """Some of those who opened a link become members: number, code, place, consent."""
        chosen = [
            (person, channel, visit)
            for person in people(self._plan)
            for channel in person.channels
            for visit in person.visits(channel)
            if visit.converts and not self._journal.has("converted", str(visit.citizen))
        ]

        async def act(network: Network, item: tuple[Person, str, Visit]) -> None:
            sharer, channel, visit = item
            code = self._journal.value("shared", str(sharer.index))[channel]
            citizen = Person(self._plan.seed, visit.citizen)
            await self._join(Browser(network, visit.address, visit.agent), citizen, code)
            self._journal.note("converted", str(visit.citizen))

        self._run(act, chosen, advance, addresses=ADDRESSES)

    async def _join(self, browser: Browser, citizen: Person, share_code: str) -> None:
        await browser.get(f"/s/{share_code}")
        await browser.get(f"/join?s={share_code}&lang={citizen.language}")
        await browser.post("/join", {"step": "number", "name": citizen.name, "phone": citizen.phone})
        page = await browser.post("/join", {"step": "code", "code": self._code(citizen.phone)})
        if 'name="who"' in page.text:
            return  # joined in an earlier run
        territory = _hidden(page.text, "territory")
        await browser.post("/join", {"step": "place", "territory": territory})
        consents = {"agree": "adult membership", **({"content": "on"} if citizen.index % 2 else {})}
        page = await browser.post("/join", {"step": "consent", **consents})
        if urlsplit(page.url).path != "/me":
            raise UnexpectedAnswer(f"joining ended at {page.url}")

    def _code(self, phone: str) -> str:
        found = _CODE.match(self._inbox.last(phone, "code"))
        if not found:
            raise UnexpectedAnswer("no code came")
        return found[1]

    # -- staff --------------------------------------------------------------------------------------

    def coordinators_create_groups(self, advance: Advance) -> None:
        """Coordinators create the groups they are asked for and paste the invite links."""

        async def act(network: Network, code: str) -> None:
            browser = await self._staff(network, coordinator_login(code))
            await self._do_work(browser, "join_address", lambda path: {"join_address": _invite(path)})

        self._run(act, coordinated_places(), advance)

    def coordinators_relay(self, advance: Advance) -> None:
        """Coordinators post the kit into their groups and confirm it; one of them does not."""

        async def act(network: Network, code: str) -> None:
            if code != UNCONFIRMED:
                browser = await self._staff(network, coordinator_login(code))
                await self._do_work(browser, 'name="done"', lambda path: {"done": "yes"})

        self._run(act, coordinated_places(), advance)

    async def _do_work(self, browser: Browser, mark: str, answer: Callable[[str], dict[str, str]]) -> None:
        while True:
            page = await browser.get("/console/work")
            todo = [path for path, form in _WORK.findall(page.text) if mark in form]
            if not todo:
                return
            for path in todo:
                await browser.post(path, answer(path))

    def headquarters_divide(self, advance: Advance) -> None:
        """Headquarters divides each state's groups as deep as the state wants."""

        async def act(network: Network, state: str) -> None:
            browser = await self._staff(network, HEADQUARTERS)
            path = f"/console/t/{state}/divide"
            await browser.get(f"{path}?depth={DEPTHS[state]}")
            await browser.post(path, {"depth": DEPTHS[state], "campaign": CAMPAIGN, "confirm": "yes"})

        self._run(act, list(STATES), advance)

    def headquarters_publish(self, advance: Advance) -> None:
        """The content desk writes a kit, the chief editor approves it, the content desk sends it out."""

        async def act(network: Network, _one: int) -> None:
            writer = await self._staff(network, WRITER)
            approver = await self._staff(network, APPROVER)
            address = await self._write_kit(writer, 1, {**KIT_FIELDS, **ALT, "picture": poster()})
            await self._pass(address, (writer, "submit"), (approver, "approve"), (writer, "release"))

        self._run(act, [1], advance)

    def headquarters_writes(self, kit: str, advance: Advance) -> None:
        """A kit goes to members directly: to all who agreed. The second kit is written first."""

        async def act(network: Network, _one: int) -> None:
            writer = await self._staff(network, WRITER)
            address = "/console/kits/1"
            if kit == MISTAKE:
                approver = await self._staff(network, APPROVER)
                address = await self._write_kit(writer, 2, MISTAKE_FIELDS)
                await self._pass(address, (writer, "submit"), (approver, "approve"))
            if not self._journal.has("planned", kit):
                await self._plan_messages(writer, address)
                self._journal.note("planned", kit)

        self._run(act, [1], advance)

    async def _plan_messages(self, writer: Browser, kit_address: str) -> None:
        await writer.get(f"{kit_address}/plan")
        channels = ("sms", "telegram_posts")
        fields: Fields = {
            "areas": "IN", "channels": channels, "audiences": "members", "starts_at": "2026-01-01T09:00",
        }  # fmt: skip
        page = await writer.post(f"{kit_address}/plan", fields)
        address = urlsplit(page.url).path
        page = await writer.post(f"{address}/schedule")
        if page.status != 200 or "/console/plans/" not in address:
            raise UnexpectedAnswer(f"no plan: {page.status} {page.url}")

    def headquarters_recalls(self, advance: Advance) -> None:
        """The second kit is taken back, at once and everywhere."""

        async def act(network: Network, _one: int) -> None:
            approver = await self._staff(network, APPROVER)
            await approver.get("/console/kits/2")
            await approver.post("/console/kits/2/withdraw", {"reason": "The date is wrong"})

        self._run(act, [1], advance)

    async def _pass(self, address: str, *steps: tuple[Browser, str]) -> None:
        for person, verb in steps:
            await person.get(address)
            await person.post(f"{address}/{verb}", {"territory": "IN", "campaign": CAMPAIGN})

    async def _write_kit(self, writer: Browser, number: int, fields: Fields) -> str:
        address = f"/console/kits/{number}"
        page = await writer.get("/console/kits")
        if f'{address}"' not in page.text:
            await writer.get("/console/kits/new")
            page = await writer.post("/console/kits/new", fields)
            return urlsplit(page.url).path
        return address

    # -- the common parts ---------------------------------------------------------------------------

    async def _member(self, network: Network, person: Person, welcomes: dict[str, str]) -> Browser:
        """The member's browser, signed in: with the session it has, the welcome link, or a code."""
        browser = Browser(network, person.index)  # members use their own connections, and limits count by address
        if self._journal.has("session", str(person.index)):
            session = self._journal.value("session", str(person.index))
            browser.cookies, browser.token = dict(session["cookies"]), session["token"]
            return browser
        link = _LINK.search(welcomes.get(person.phone, ""))
        if link:
            await browser.get(link[0])
            page = await browser.post(link[0], follow=False)
            if page.status == 303:
                await browser.get("/me/group")
                self._keep(person, browser)
                return browser
        await browser.get("/sign-in")
        await browser.post("/sign-in", {"step": "phone", "phone": person.phone})
        page = await browser.post("/sign-in", {"step": "code", "code": self._code(person.phone)})
        if urlsplit(page.url).path != "/me":
            raise UnexpectedAnswer(f"signing in ended at {page.url}")
        await browser.get("/me/group")
        self._keep(person, browser)
        return browser

    def _keep(self, person: Person, browser: Browser) -> None:
        """A phone stays signed in: its session lives on in the journal."""
        session = {"cookies": browser.cookies, "token": browser.token}
        self._journal.note("session", str(person.index), session)

    async def _staff(self, network: Network, login: str) -> Browser:
        browser = Browser(network)
        await browser.get(self._links[login])
        await browser.post(self._links[login])
        return browser

    async def _press(self, browser: Browser, path: str, fields: Fields | None = None) -> Page:
        """Press a button of the member's pages; a page that was open for too long is loaded again first."""
        page = await browser.post(path, fields, follow=False)
        if page.status == 403:
            await browser.get("/me/group")
            page = await browser.post(path, fields, follow=False)
        return page

    async def _enter_group(self, browser: Browser) -> None:
        page = await self._press(browser, "/me/group/go")
        if urlsplit(page.location).netloc != "chat.whatsapp.com":
            raise UnexpectedAnswer(f"no group: {page.status} {page.url} {page.location}")
        page = await self._press(browser, "/me/group/joined")
        if page.status != 303:
            raise UnexpectedAnswer(f"not joined: {page.status}")

    def _left(self, stage: str, chosen: Iterable[Person]) -> list[Person]:
        return [person for person in chosen if not self._journal.has(stage, str(person.index))]

    def _run(
        self,
        act: Callable[[Network, object], Awaitable[None]] | Callable[..., Awaitable[None]],
        items: Sequence[object],
        advance: Advance,
        *,
        addresses: int = HOMES,
    ) -> None:
        """Let everyone act, a dozen at a time."""

        async def main() -> None:
            queue = iter(items)
            done = 0

            async def one_after_another(network: Network) -> None:
                nonlocal done
                for item in queue:
                    await act(network, item)
                    done += 1
                    advance(done, len(items))

            async with Network(self._base_url, addresses=addresses) as network:
                await asyncio.gather(*[one_after_another(network) for _ in range(AT_ONCE)])

        asyncio.run(main())
        advance(len(items), len(items))


def _invite(path: str) -> str:
    """An invite link of the right shape, always the same for the same task."""
    return f"https://chat.whatsapp.com/{hashlib.sha256(path.encode()).hexdigest()[:22]}"


def _share_code(intent: str) -> str:
    """The member's own link, out of the address that opens the other app."""
    texts = [text for values in parse_qs(urlsplit(intent).query).values() for text in values]
    for text in texts:
        if found := _SHARED.search(text):
            return found[1]
    raise UnexpectedAnswer(f"no link in {intent}")


def _hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    if not found:
        raise UnexpectedAnswer(f"no field {name}")
    return found[1]


KIT_FIELDS = {
    "code": KIT,
    "act_url": "https://example.org/check",
    "valid_days": "30",
    "certificate_number": "",
    "territory": "IN",
    "title_hi": "सूची में अपना नाम जाँचें",
    "text_hi": (
        "नाम जाँचने में एक मिनट लगता है। अपने परिवार और पड़ोस को भी बताएँ।\n\n"
        "30 नवंबर से पहले सूची में अपना नाम देख लें। लिंक नीचे है।\n\n"
        "क्या सूची में आपका नाम है? अभी देखें, फिर दोस्तों को भेजें।"
    ),
    "act_label_hi": "नाम जाँचें",
    "title_en": "Check your name on the list",
    "text_en": (
        "Checking takes a minute. Tell your family and neighbours too.\n\n"
        "Look for your name on the list before 30 November. The link is below.\n\n"
        "Is your name on the list? Look now, then send it to your friends."
    ),
    "act_label_en": "Check your name",
}
MISTAKE_FIELDS = {
    **KIT_FIELDS,
    "code": MISTAKE,
    "title_hi": "नाम जाँचने की आख़िरी तारीख़",
    "text_hi": "नाम 31 नवंबर तक जाँचे जा सकते हैं।",
    "title_en": "The last day to check your name",
    "text_en": "Names can be checked until 31 November.",
}
