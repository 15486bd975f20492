"""Synthetic people: the same seed gives the same people, who decide the same things.

Everything about a person follows from (seed, index), so that a run that was interrupted goes on with
the same people. Numbers begin with +91 and a digit from 0 to 5: no such mobile exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

FIRST_HI = (
    "सुनीता", "रमेश", "अनीता", "इमरान", "फ़ातिमा", "गुरप्रीत", "मेरी", "जोसेफ़", "लक्ष्मी", "अर्जुन", "कविता", "विजय",
    "रुख़साना", "सलीम", "प्रिया", "मनोज", "गीता", "हरीश", "नसरीन", "दीपक", "सरिता", "अब्दुल", "मीना", "किशोर",
    "ज्योति", "राजेश", "शबाना", "सुरेश", "पूजा", "अशोक", "रेखा", "प्रकाश",
)  # fmt: skip
LAST_HI = (
    "देवी", "कुमार", "ख़ान", "सिंह", "बेगम", "लाल", "रानी", "अली", "प्रसाद", "कौर", "थॉमस", "नायर", "बानो", "राव",
    "कुमारी", "दास",
)  # fmt: skip
FIRST_EN = (
    "Sunita", "Ramesh", "Anita", "Imran", "Fatima", "Gurpreet", "Mary", "Joseph", "Lakshmi", "Arjun", "Kavita",
    "Vijay", "Rukhsana", "Salim", "Priya", "Manoj", "Geeta", "Harish", "Nasreen", "Deepak", "Sarita", "Abdul",
    "Meena", "Kishore", "Jyoti", "Rajesh", "Shabana", "Suresh", "Pooja", "Ashok", "Rekha", "Prakash",
)  # fmt: skip
LAST_EN = (
    "Devi", "Kumar", "Khan", "Singh", "Begum", "Lal", "Rani", "Ali", "Prasad", "Kaur", "Thomas", "Nair", "Bano",
    "Rao", "Kumari", "Das",
)  # fmt: skip
CITIZENS_FROM = 100_000_000  # indices of people who are no members at the start

JOINS_FIRST_WAVE = 0.1
JOINS_SECOND_WAVE = 0.22
SHARES = 0.45  # of those who have joined
CHANNELS = ("whatsapp", "whatsapp", "whatsapp", "telegram", "facebook", "x")
CONVERTS = 0.06  # of human opens


@dataclass(frozen=True)
class Person:
    """One synthetic person; ``index`` is the row in the list, or CITIZENS_FROM and up for citizens."""

    seed: int
    index: int

    @cached_property
    def language(self) -> str:
        return "hi" if self._of("language").random() < 0.8 else "en"

    @cached_property
    def name(self) -> str:
        first, last = (FIRST_HI, LAST_HI) if self.language == "hi" else (FIRST_EN, LAST_EN)
        random = self._of("name")
        return f"{random.choice(first)} {random.choice(last)}"

    @property
    def phone(self) -> str:
        """Unique by index: 7,919 and 10^9 have no common divisor."""
        return f"+91{self.index % 6}{(self.index * 7919 + self.seed) % 10**9:09d}"

    @cached_property
    def joins_in_wave(self) -> int:
        """1 or 2: when this member joins the group; 0: never."""
        draw = self._of("join").random()
        if draw < JOINS_FIRST_WAVE:
            return 1
        return 2 if draw < JOINS_FIRST_WAVE + JOINS_SECOND_WAVE else 0

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Where this member shares today's kit; empty for most."""
        random = self._of("share")
        if not self.joins_in_wave or random.random() >= SHARES:
            return ()
        return tuple(dict.fromkeys(random.choice(CHANNELS) for _ in range(1 if random.random() < 0.7 else 2)))

    def visits(self, channel: str) -> tuple["Visit", ...]:
        """Who opens the link that this member shared there."""
        random = self._of(f"open:{channel}")
        count = min(12, int(random.expovariate(1 / 2.2)))
        seats = random.sample(range(ADDRESSES * len(AGENTS)), count)
        return tuple(
            Visit(
                address=seat // len(AGENTS),
                agent=AGENTS[seat % len(AGENTS)],
                converts=random.random() < CONVERTS,
                citizen=CITIZENS_FROM + (self.index * len(CHANNEL_SLOTS) + CHANNEL_SLOTS[channel]) * 16 + number,
            )
            for number, seat in enumerate(seats)
        )

    def home(self, places: Sequence[str], weights: Sequence[float]) -> str:
        """The code of the place where this person lives."""
        return self._of("home").choices(places, cum_weights=weights)[0]

    def _of(self, what: str) -> Random:
        return Random(f"{self.seed}:{self.index}:{what}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One opening of a link: from which address (0 to ADDRESSES-1), with which browser, and what follows."""

    address: int
    agent: str
    converts: bool
    citizen: int


ADDRESSES = 48
CHANNEL_SLOTS = {"whatsapp": 0, "telegram": 1, "facebook": 2, "x": 3}
AGENTS = tuple(
    f"Mozilla/5.0 (Linux; Android {android}; {model}) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{chrome}.0.0.0 Mobile Safari/537.36"
    for android, model in ((10, "Redmi 8A"), (11, "SM-A032F"), (12, "RMX3231"), (13, "vivo 1906"))
    for chrome in (118, 122, 126, 130, 134)
)
ROBOTS = (
    "WhatsApp/2.24.9.78 A",
    "facebookexternalhit/1.1",
    "TelegramBot (like TwitterBot)",
)
