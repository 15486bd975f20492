"""The texts that Toli sends, as samples and as operators have to register them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings

from toli.accounts import services as accounts
from toli.accounts.domain.sending import CODE, LINK, LINK_AFTER_RESET
from toli.accounts.ports import TextMessage
from toli.cards import services as cards
from toli.chatgroups import services as chatgroups
from toli.compliance import selectors as compliance
from toli.dues import services as dues
from toli.enrolment.services import applications
from toli.members import services as members
from toli.rights.services import PAGE, TEXT_KIND, breach_text
from toli.rolls import services as rolls

LINKS = (LINK, LINK_AFTER_RESET)
WELCOME = "welcome"
OF_ORGANISATION = frozenset({WELCOME, TEXT_KIND, applications.TEXT_KIND})  # their words name it
SAMPLE_CODE = "000000"  # signs nobody in: it stands in no row
SAMPLE_NUMBER = "+910000000000"


@dataclass(frozen=True, slots=True)
class _Words:
    """How a text is written, and what stands in its places: in a sample, and where it is registered.

    Where it is registered, a variable stands for what each message has of its own. A name may need two: each holds 30.
    """

    write: Callable[..., str]
    sample: Mapping[str, str]
    registered: Mapping[str, str]


def sample(kind: str, language: str, to: str = SAMPLE_NUMBER) -> TextMessage:
    """A message of this kind as somebody could get it. Those that name the organisation need its description."""
    words = _WORDS[kind]
    values = {
        name: settings.BASE_URL + value if value.startswith("/") else value for name, value in words.sample.items()
    }
    code = SAMPLE_CODE if kind == CODE else ""
    return TextMessage(to, words.write(language, **values), kind, language, code)


def to_register(kind: str, language: str) -> str:
    """The text with variables where each message has something of its own."""
    words = _WORDS[kind]
    return words.write(language, **words.registered)


def _code(language: str, *, code: str) -> str:
    return accounts.code_text(code, language)


def _link(language: str, *, link: str) -> str:
    return accounts.link_text(link, language, after_reset=False)


def _link_after_reset(language: str, *, link: str) -> str:
    return accounts.link_text(link, language, after_reset=True)


def _breach(language: str, *, link: str) -> str:
    return breach_text(compliance.get_organisation(), language, link=link)


def _invitation(language: str, **values: str) -> str:
    return applications.invitation_text(compliance.get_organisation(), language, **values)


def _welcome(language: str, **values: str) -> str:
    return cards.welcome_text(compliance.get_organisation(), language, **values)


def _with_way_out(write: Callable[..., str]) -> Callable[..., str]:
    """The text with the link at its end by which one gets no more of them."""

    def written(language: str, *, way_out: str, **values: str) -> str:
        return members.with_way_out(write(language, **values), language, link=way_out)

    return written


_URL, _VAR, _NAME = "{#url#}", "{#var#}", "{#var#}{#var#}"
_OUT = {"way_out": "/c/sample"}
_OUT_REGISTERED = {"way_out": _URL}
_WORDS = {
    CODE: _Words(_code, {"code": SAMPLE_CODE}, {"code": "{#numeric#}"}),
    LINK: _Words(_link, {"link": "/a/sample"}, {"link": _URL}),
    LINK_AFTER_RESET: _Words(_link_after_reset, {"link": "/a/sample"}, {"link": _URL}),
    WELCOME: _Words(
        _with_way_out(_welcome),
        {"name": "Asha", "number": "7Q3K-9M2X-PA", "link": "/w/sample", **_OUT},
        {"name": _NAME, "number": _VAR, "link": _URL, **_OUT_REGISTERED},
    ),
    applications.TEXT_KIND: _Words(
        _invitation,
        {"name": "Asha", "enroller": "Imran Khan", "link": "/e/sample"},
        {"name": _NAME, "enroller": _NAME, "link": _URL},
    ),
    TEXT_KIND: _Words(_breach, {"link": PAGE}, {"link": _URL}),
    dues.RECEIPT_KIND: _Words(
        _with_way_out(dues.receipt_text),
        {"amount": "₹100", "collector": "Asha", "number": "DRIVE/000001", "link": "/d/sample", **_OUT},
        {"amount": _VAR, "collector": _NAME, "number": _NAME, "link": _URL, **_OUT_REGISTERED},
    ),
    dues.REMINDER_KIND: _Words(
        _with_way_out(dues.reminder_text),
        {"day": "31 December 2026", "link": "/me/dues", **_OUT},
        {"day": _VAR, "link": _URL, **_OUT_REGISTERED},
    ),
    dues.LAPSED_KIND: _Words(
        _with_way_out(dues.lapsed_text), {"link": "/me/dues", **_OUT}, {"link": _URL, **_OUT_REGISTERED}
    ),
    chatgroups.SEAT_KIND: _Words(
        _with_way_out(chatgroups.seat_text), {"link": "/me/group", **_OUT}, {"link": _URL, **_OUT_REGISTERED}
    ),
    rolls.DECISION_KIND: _Words(
        _with_way_out(rolls.decision_text), {"link": "/me/data/rolls", **_OUT}, {"link": _URL, **_OUT_REGISTERED}
    ),
}
KINDS = tuple(_WORDS)
