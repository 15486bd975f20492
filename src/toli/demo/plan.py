"""What a demonstration consists of: how many people, where, and the invented organisation."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext as _

ORGANISATION = {
    "kind": "union",
    "name_en": "Jan Setu Workers' Union",
    "name_hi": "जन सेतु श्रमिक संघ",
    "imprint_en": "Published by Jan Setu Workers' Union, 1 Example Road, New Delhi (a demonstration)",
    "imprint_hi": "प्रकाशक: जन सेतु श्रमिक संघ, 1 उदाहरण मार्ग, नई दिल्ली (प्रदर्शन)",
    "privacy_contact": "privacy@example.org",
}
DRIVE = "sadasyata-2026"
CAMPAIGN = "connect-2029"
KIT = "check-your-name"
MISTAKE = "wrong-date"  # a kit that headquarters takes back while it is being sent
TEXTS = "texts"  # what sends to members directly
LEDGER = "texts.jsonl"
POSTS = "posts.jsonl"
CHANNELS = {"UP": "jan_setu_up", "KL": "jan_setu_kl"}  # the organisation's own on Telegram; the silence reaches one
SILENT = "KL-ZONE2"  # a poll closes here tomorrow
STATES = {"UP": 6, "KL": 3, "DL": 2}  # code -> share of the members
DEPTHS = {"UP": "ac", "KL": "zone", "DL": "booth"}  # how far each state's groups are divided
BOOTHS_PER_CONSTITUENCY = 4
CAPACITY = 1024
TARGET_SIZE = 900


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """``members`` people from ``seed``; ``folder`` holds the list, the journal and the logs."""

    members: int
    seed: int
    folder: Path

    def claim(self) -> None:
        """Note which demonstration lives in this folder.

        Raises:
            DifferentDemo: another one does; its people would be mixed with these.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        marker = self.folder / "plan.json"
        wanted = {"members": self.members, "seed": self.seed}
        if marker.exists():
            found = json.loads(marker.read_text())
            if found != wanted:
                raise DifferentDemo(found["members"], found["seed"])
        else:
            marker.write_text(json.dumps(wanted))


class DifferentDemo(Exception):
    """The database holds another demonstration."""

    def __init__(self, members: int, seed: int) -> None:
        super().__init__(members, seed)
        self.members, self.seed = members, seed

    def __str__(self) -> str:
        return _(
            "This database holds a demonstration with %(members)d members (seed %(seed)d). "
            "Run it with the same numbers to go on, or start over with --fresh."
        ) % {"members": self.members, "seed": self.seed}


@dataclass(slots=True)
class DemoResult:
    """What `toli demo --json` prints. ``messages``: to members directly; ``posts``: in own channels;
    ``broken_promises``: see reckoning.py."""

    members: int
    seed: int
    funnel: dict[str, int]
    coverage_adds_up: bool
    inconsistencies: list[str]
    groups: dict[str, int]
    broken_rules: dict[str, int]
    messages: dict[str, int]
    posts: dict[str, int]
    broken_promises: dict[str, int]
    seconds: dict[str, float]
    total_seconds: float
    sign_in: dict[str, str]

    @property
    def sound(self) -> bool:
        """Whether every number agrees with every other."""
        faults = (self.inconsistencies, self.broken_rules, self.broken_promises)
        return self.coverage_adds_up and not any(faults)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "sound": self.sound}
