"""Settings come from the environment; what is wrong is told by name, with the mend.

Every variable is declared in VARIABLES, which is also the source of docs/reference/settings.md.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toli.chatgroups.domain.kinds import KINDS
from toli.config import senders
from toli.dues.domain.paying import UPI_ADDRESS, is_template


class SettingsError(SystemExit):
    """A variable has a value that cannot work. Exits with code 2, the message on stderr."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(2)
        self.problems = problems

    def __str__(self) -> str:
        return "Toli cannot start:\n" + "\n".join(f"  - {problem}" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how to read it, what it is when unset, what it is for."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    help: str
    mend: str


def _boolean(text: str) -> bool:
    values = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return values[text.lower()]


def _port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535:
        raise ValueError(text)
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _seconds(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 30:
        raise ValueError(text)
    return value


def _answer_days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 90:
        raise ValueError(text)
    return value


def _complaint_days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 15:
        raise ValueError(text)
    return value


def _enrol_days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 30:
        raise ValueError(text)
    return value


def _call_sample(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 200:
        raise ValueError(text)
    return value


def _call_days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 90:
        raise ValueError(text)
    return value


def _terms(text: str) -> dict[str, int]:
    """``accounts.codes=2 members.lists=730`` as a mapping; what the keys mean is checked by toli.core.keeping."""
    found = {}
    for pair in text.replace(",", " ").split():
        key, days = pair.split("=")
        found[key] = int(days)
    return found


def _group_limits(text: str) -> dict[str, int]:
    """``whatsapp_group=512`` as a mapping."""
    found = _terms(text)
    if found.keys() - KINDS.keys() or any(people < 2 for people in found.values()):
        raise ValueError(text)
    return found


def _database_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError(text)
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(text)
    return text.rstrip("/")


def _upi_address(text: str) -> str:
    if not UPI_ADDRESS.fullmatch(text):
        raise ValueError(text)
    return text


def _pay_link(text: str) -> str:
    if not is_template(text):
        raise ValueError(text)
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _language(text: str) -> str:
    if text not in {"hi", "en"}:
        raise ValueError(text)
    return text


def _time_zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    ZoneInfo(text)
    return text


VARIABLES = (
    Variable(
        "TOLI_DATABASE_URL", _database_url, "",
        "PostgreSQL 15 or later. Unset: Toli runs its own PostgreSQL in TOLI_VAR_DIR.",
        "write it as postgresql://user:password@host:5432/database, or unset it",
    ),
    Variable(
        "TOLI_VAR_DIR", Path, Path("var"),
        "Folder for secrets, the embedded database and files that Toli makes.",
        "give the path of a folder that Toli may write to",
    ),
    Variable(
        "TOLI_BASE_URL", _base_url, "http://localhost:8000",
        "Address under which people reach this installation; stands in links, cards and QR codes.",
        "write it as https://toli.example.org, without a question mark or #",
    ),
    Variable(
        "TOLI_ALLOWED_HOSTS", _list, (),
        "Further host names to answer to, separated by commas (the one of TOLI_BASE_URL always is).",
        "write host names separated by commas",
    ),
    Variable(
        "TOLI_TRUSTED_PROXIES", _list, (),
        "Addresses of proxies whose X-Forwarded-For is believed, separated by commas.",
        "write IP addresses separated by commas",
    ),
    Variable(
        "TOLI_DEBUG", _boolean, False,
        "Show error details in the browser. Never on a server that others can reach.",
        "write true or false",
    ),
    Variable(
        "TOLI_LANGUAGE", _language, "hi",
        "Language of pages for people who have not chosen one, and of the command line.",
        "write hi or en",
    ),
    Variable(
        "TOLI_TIME_ZONE", _time_zone, "Asia/Kolkata",
        "Time zone of the organisation.",
        "write an IANA name such as Asia/Kolkata",
    ),
    Variable(
        "TOLI_SENDER", senders.names, ("outbox",),
        "How one-time codes and welcome links leave: senders in the order in which they are tried. For people: "
        "telegram, sms. For trying out: outbox, email-file, console.",
        "write names separated by commas, such as telegram,sms, each once; or dotted paths of classes",
    ),
    Variable(
        "TOLI_SENDER_SECONDS", _seconds, 4,
        "Seconds that one request to a sender may take. Somebody who asks for a code waits so long at most for each.",
        "write a whole number from 1 to 30",
    ),
    Variable(
        "TOLI_SMS_FILE", Path, None,
        "The description of the SMS gateway and of the texts registered for it, a TOML file.",
        "give the path of a file that Toli may read",
    ),
    Variable(
        "TOLI_SMS_SECRET", senders.secret, "",
        "The key by which the SMS gateway knows you.",
        "write the key, or file:/path of a file that holds it",
    ),
    Variable(
        "TOLI_TELEGRAM_SECRET", senders.secret, "",
        "The access token of your account at Telegram's gateway for verification codes.",
        "write the token, or file:/path of a file that holds it",
    ),
    Variable(
        "TOLI_TELEGRAM_URL", senders.service_url, "https://gatewayapi.telegram.org",
        "Where Telegram's gateway is; another address for an emulator only.",
        "write it as https://host, or http://127.0.0.1:port for an emulator",
    ),
    Variable(
        "TOLI_TELEGRAM_BOT_SECRET", senders.secret, "",
        "The token of the bot that keeps your Telegram groups, as @BotFather gave it out. Unset: no such groups.",
        "write the token, or file:/path of a file that holds it",
    ),
    Variable(
        "TOLI_TELEGRAM_BOT_URL", senders.service_url, "https://api.telegram.org",
        "Where Telegram's Bot API is; another address for your own Bot API server or an emulator only.",
        "write it as https://host, or http://127.0.0.1:port for an emulator",
    ),
    Variable(
        "TOLI_TELEGRAM_BOT_RATE", _positive, 25,
        "Messages in a second that the bot of your Telegram groups sends; Telegram allows 30 for each bot.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_PORT", _port, 8000,
        "Port that `toli serve` listens on.",
        "write a number from 1 to 65535",
    ),
    Variable(
        "TOLI_WEB_WORKERS", _positive, 2,
        "Processes of `toli serve`.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_CODES_PER_HOUR", _positive, 20_000,
        "One-time codes that leave within an hour in all: bounds the bill, and what guessing at many numbers is worth.",
        "write a whole number from 1 up; twice what your busiest hour needs",
    ),
    Variable(
        "TOLI_MEMBERS_PER_PHONE", _positive, 6,
        "Members of one family who can share a telephone.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_REVEALS_PER_DAY", _positive, 20,
        "Full telephone numbers that one person can look at within 24 hours.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_EXPORT_MAX_ROWS", _positive, 5000,
        "Members that one exported list can have.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_EXPORT_ALONE_ROWS", _positive, 200,
        "Members that one person can export within 24 hours without the approval of a second person.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_EXPORT_ROWS_PER_DAY", _positive, 10000,
        "Members that one person can export within 24 hours in all.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_DIVIDE_ALONE_PEOPLE", _positive, 5000,
        "People whom one person can move to other groups by dividing, without the approval of a second person.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_ROLE_MONTHS", _positive, 36,
        "Months after which a role given by a person ends at the latest.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_RIGHTS_DAYS", _answer_days, 30,
        "Days within which a member's request must be answered. The law of India allows 90 at most.",
        "write a whole number from 1 to 90",
    ),
    Variable(
        "TOLI_COMPLAINT_DAYS", _complaint_days, 15,
        "Days within which a complaint must be answered. The IT Rules 2021 of India allow 15 at most.",
        "write a whole number from 1 to 15",
    ),
    Variable(
        "TOLI_ENROL_DAYS", _enrol_days, 7,
        "Days within which somebody whom a coordinator wrote down at a camp has to answer. Then name and number are"
        " deleted.",
        "write a whole number from 1 to 30",
    ),
    Variable(
        "TOLI_CALL_SAMPLE", _call_sample, 20,
        "Members who are drawn by lot for one list of people to call, to ask whether they wanted to join.",
        "write a whole number from 1 to 200",
    ),
    Variable(
        "TOLI_CALL_DAYS", _call_days, 30,
        "Days since joining within which a member can be drawn to be called.",
        "write a whole number from 1 to 90",
    ),
    Variable(
        "TOLI_KEEP_DAYS", _terms, {},
        "Days for which kinds of data are kept, where they are to differ from the schedule that"
        " `toli rights retention` shows.",
        "write pairs of a line of the schedule and a number of days, like members.lists=730 accounts.codes=2",
    ),
    Variable(
        "TOLI_GROUP_LIMITS", _group_limits, {},
        "People that a space of a kind can hold, where your platform allows another number than `toli group kinds`"
        " shows.",
        "write pairs of a kind and a number of people, like whatsapp_group=512 signal_group=900",
    ),
    Variable(
        "TOLI_SEAT_DAYS", _positive, 3,
        "Days for which a place in a group is kept for a member who does not go there.",
        "write a whole number from 1 up",
    ),
    Variable(
        "TOLI_UPI_ADDRESS", _upi_address, "",
        "UPI address to which members pay fees, like treasurer@bank. Unset: no UPI.",
        "write it as name@bank",
    ),
    Variable(
        "TOLI_PAY_LINK", _pay_link, "",
        "Your own payment page, with {amount} and {reference} where they belong. Unset: none.",
        "write it as https://pay.example.org/?a={amount}&r={reference}",
    ),
)  # fmt: skip


def _hides(name: str, text: str) -> bool:
    """Whether a wrong value may hold a secret, so that it is not repeated."""
    return ("URL" in name and "@" in text) or ("SECRET" in name and not text.startswith("file:"))


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All variables by name.

    Raises:
        SettingsError: at least one value cannot work; all of them are named, not only the first.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip()
        if not text:
            values[variable.name] = variable.default
            continue
        try:
            values[variable.name] = variable.parse(text)
        except (ValueError, KeyError):
            shown = "(hidden)" if _hides(variable.name, text) else repr(text)
            problems.append(f"{variable.name} is {shown}: {variable.mend}.")
    if values.get("TOLI_DEBUG") and values.get("TOLI_BASE_URL", "").startswith("https:"):
        problems.append("TOLI_DEBUG is true on a server that others can reach: it would show them our data. Unset it.")
    problems += senders.problems(values)
    known = {variable.name for variable in VARIABLES}
    problems += [
        f"{name} is not a setting of Toli: unset it, or correct its spelling (see docs/reference/settings.md)."
        for name in sorted(environment)
        if name.startswith("TOLI_") and name not in known and not name.startswith("TOLI_TEST_")
    ]
    if problems:
        raise SettingsError(problems)
    return values
