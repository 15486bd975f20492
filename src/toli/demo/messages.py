"""Messages to members in the demonstration: what sends them, the silence that holds one zone back, what became of them.

They leave through the outbox and the dispatcher, as everywhere. Only the gateway at the end is a stand-in.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import time as clock_time
from datetime import timedelta

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.errors import ElectionExists
from toli.compliance.services import PollDraft
from toli.content import selectors as content
from toli.core import clock, jobs
from toli.core.ledger import read_ledger
from toli.demo.plan import KIT, MISTAKE, SILENT, TEXTS
from toli.demo.servers import Servers
from toli.messaging import selectors
from toli.messaging.errors import SenderExists
from toli.messaging.services import control, senders

Advance = Callable[[int, int], None]
HEADER, ENTITY = "JANSET", "1101234567890123456"
SLOWLY = 5.0  # texts in a second, so that a recall meets a kit that is still being sent
PATIENCE = 120.0  # seconds
WORDS = {
    (KIT, "hi"): "जन सेतु: क्या सूची में आपका नाम है? देखें {#url#} रोकने के लिए {#url#}",
    (KIT, "en"): "Jan Setu: is your name on the list? Look {#url#} To stop {#url#}",
    (MISTAKE, "hi"): "जन सेतु: नाम 31 नवंबर तक जाँचे जा सकते हैं। देखें {#url#} रोकने के लिए {#url#}",
    (MISTAKE, "en"): "Jan Setu: names can be checked until 31 November. Look {#url#} To stop {#url#}",
}


def set_up(servers: Servers) -> None:
    """A sender for SMS with registered texts, no quiet hours, and a poll tomorrow: silence in one zone from now on."""
    compliance.set_rules(actor=SYSTEM, quiet_from=clock_time(0), quiet_until=clock_time(0))  # it is tried at any hour
    for (kit, language), text in WORDS.items():
        compliance.register_sms_template(
            actor=SYSTEM, code=_template(kit), registered_id=_registered(kit, language), header=HEADER, text=text
        )
    settings = {
        "url": servers.texts_url, "secret": "demonstration", "header": HEADER, "entity": ENTITY,
        "report_secret": servers.report_secret, "templates": _templates(),
    }  # fmt: skip
    with suppress(SenderExists):
        senders.create_sender(
            actor=SYSTEM,
            code=TEXTS,
            name="Texts",
            provider="sms",
            settings=settings,
            kit_template="kit_{kit}: link, stop",
        )
    senders.change_sender(actor=SYSTEM, code=TEXTS, settings=settings)
    now = clock.now()
    with suppress(ElectionExists):
        compliance.add_election(
            actor=SYSTEM,
            code="zone-2026",
            name_en="By-election",
            name_hi="उपचुनाव",
            announced_at=now - timedelta(days=20),
            polls=[PollDraft(1, now + timedelta(days=1), [SILENT])],
        )


def send(kit: str, advance: Advance) -> None:
    """Let the plan that is due begin, and wait until nothing about the kit waits to be sent."""
    _begin()
    until(lambda: not _waiting(kit), advance)


def send_slowly(advance: Advance) -> None:
    """Let the plan of the mistaken kit begin, and return as soon as the first message has left."""
    senders.change_sender(actor=SYSTEM, code=TEXTS, settings={}, per_second=SLOWLY)
    _begin()
    until(lambda: not _waiting(MISTAKE) or bool(_gone(MISTAKE)), advance)


def end_slowly(advance: Advance) -> None:
    """Wait for what was under way when the kit was recalled; the next may go as fast as it likes."""
    until(lambda: not _waiting(MISTAKE), advance)
    senders.change_sender(actor=SYSTEM, code=TEXTS, settings={}, per_second=0)


def resume_after_fresh_start() -> None:
    """A database that was thrown away is another one to the machine that sends; here that is no accident."""
    control.resume(actor=SYSTEM)


def last_texts(servers: Servers) -> dict[str, str]:
    """What the stand-in took last for each number."""
    return {message["to"]: message["text"] for message in read_ledger(servers.ledger)}


def _begin() -> None:
    """The jobs of each minute, now."""
    for task in ("distribution.start_plans", "distribution.post_plans"):
        jobs.enqueue_once(task)
        until(lambda: not jobs.waiting(besides=("analytics", "scheduled")), lambda _done, _all: None)


def _states(kit: str) -> dict[str, int]:
    found = next((item for item in content.kits(EVERYWHERE) if item.code == kit), None)
    return selectors.fate_of(EVERYWHERE, f"kit:{found.pk}") if found else {}


def _waiting(kit: str) -> int:
    states = _states(kit)
    return states.get("queued", 0) + states.get("sending", 0)


def _gone(kit: str) -> int:
    return sum(_states(kit).get(state, 0) for state in ("sent", "delivered", "read"))


def until(done: Callable[[], bool], advance: Advance) -> None:
    """Look again and again. Given up in the end: the reckoning then names what still waits."""
    ends = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < ends:
        time.sleep(0.1)
    advance(1, 1)


def _template(kit: str) -> str:
    return f"kit_{kit}"


def _registered(kit: str, language: str) -> str:
    return f"110700000000000{list(WORDS).index((kit, language)):04d}"


def _templates() -> str:
    tables = [
        f'[{_template(kit)}.{language}]\nid = "{_registered(kit, language)}"\ntext = "{text}"\n'
        for (kit, language), text in WORDS.items()
    ]
    return "\n".join(tables)
