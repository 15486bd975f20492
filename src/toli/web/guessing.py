"""Every door of ours that somebody could try to guess open, with what stands behind it.

The figures follow from core/domain/limits.py and from the domains that make the codes. docs/security/limits.md
shows them, and tests/security/test_brute_force.py attacks the pages and compares.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain import codes
from toli.core.domain.guessing import Attack, Bound
from toli.core.domain.limits import DAY, LIMITS
from toli.sharing.domain import link_codec

SPAN = DAY
BOTNET = 10_000
MEMBERS = 1_000_000  # for attacks on whoever can be had: so many numbers are known to the attacker
LINKS = 10_000_000  # share links alive
CODES = 10**codes.DIGITS
APP_CODES = 10**6  # RFC 6238 with six digits
APP_STEPS = 3  # the code of this half minute and of its neighbours: clocks differ
TOKEN = 2**256
SEAL = 2**80  # members/domain/withdrawal.py
SIGNATURE = 2**128  # work to forge an Ed25519 signature


@dataclass(frozen=True, slots=True)
class Door:
    """``name`` is stable. ``aim``: what is guessed; ``behind``: what a right guess gives."""

    name: str
    aim: Promise | str
    behind: Promise | str
    attack: Attack


def _at(name: str, guesses: int = 1) -> Bound:
    return Bound(LIMITS[name], guesses)


def _from(name: str, guesses: int = 1) -> Bound:
    return Bound(LIMITS[name], guesses, by_address=True)


def doors() -> tuple[Door, ...]:
    """All of them, with the limits that are declared now."""
    code = (
        _at("codes.number", codes.TRIES),
        _at("codes.number_day", codes.TRIES),
        _from("codes.address", codes.TRIES),
        _from("codes.guess_address"),
        Bound(LIMITS["codes.all"], codes.TRIES, shared=True),
    )
    app = (_at("staff.login"), _at("staff.login_day"), _from("staff.address"))
    link = (_from("links.address"),)
    card = (_from("verify.address"),)
    return (
        Door("code", _("one-time code of one number"), _("that member's account"), Attack(CODES, code)),
        Door(
            "any_code",
            _("one-time code of any of a million known numbers"),
            _("some member's account"),
            Attack(CODES, code, targets=MEMBERS),
        ),
        Door(
            "staff",
            _("six digits of the app, by somebody who knows the password"),
            _("an organiser's account"),
            Attack(APP_CODES, app, right=APP_STEPS),
        ),
        Door("sign_in_link", _("personal sign-in link"), _("somebody's account"), Attack(TOKEN, link)),
        Door("welcome_link", _("welcome link"), _("that member's account"), Attack(TOKEN, link)),
        Door(
            "withdraw_link",
            _("link that withdraws consent"),
            _("ending somebody's messages"),
            Attack(SEAL, (_from("withdraw.unknown_address"),)),
        ),
        Door("card", _("signature of a made-up card"), _("a forged card"), Attack(SIGNATURE, card)),
        Door(
            "share",
            _("any of ten million share links"),
            _("a page that is public"),
            Attack(32**link_codec.BODY, (_from("share.unknown_address"),), right=LINKS),
        ),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What guessing at one door is worth in 24 hours, from one address and from 10,000."""

    name: str
    aim: str
    behind: str
    limits: tuple[str, ...]
    space: int
    guesses_one: int
    guesses_botnet: int
    chance_one: float
    chance_botnet: float
    hits_botnet: float


def figures() -> list[Figures]:
    """Of every door, computed now."""
    return [_of(door) for door in doors()]


def _of(door: Door) -> Figures:
    attack = door.attack
    return Figures(
        door.name,
        str(door.aim),
        str(door.behind),
        tuple(_written(bound) for bound in attack.bounds),
        attack.space,
        attack.guesses(SPAN),
        attack.guesses(SPAN, addresses=BOTNET),
        attack.chance(SPAN),
        attack.chance(SPAN, addresses=BOTNET),
        attack.hits(SPAN, addresses=BOTNET),
    )


def _written(bound: Bound) -> str:
    hours = int(bound.limit.per.total_seconds() // 3600)
    worth = f" x {bound.guesses}" if bound.guesses > 1 else ""
    return f"{bound.limit.name}: {bound.limit.times}/{hours} h{worth}"
