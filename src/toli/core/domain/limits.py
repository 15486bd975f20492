"""How often things may be tried, all in one place, with the reason for each figure.

A counter belongs to one limit and one key (an address, a number, a login). Its window begins with the first
hit and lasts ``per``; after ``times`` hits everything more is refused until the window ends. A window that
begins with its first hit cannot be timed from outside, but two can touch: see :meth:`Limit.most_in`.
What an attacker gets from these figures stands in docs/security/limits.md, which a test computes again.

An IPv4 address often stands for hundreds of people (mobile networks in India share one among many, a
camp has one for all), so limits by address are generous; what protects an account is counted by its own
number or login. An IPv6 subscriber owns a whole /64 and counts as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in a window of ``per`` for each ``keyed_by``; ``why`` gives the reasoning."""

    name: str
    times: int
    per: timedelta
    keyed_by: str
    why: str

    def most_in(self, span: timedelta) -> int:
        """The most that can pass in any ``span``: its windows, and one that it cuts at its edge."""
        windows = -(-span // self.per)
        return self.times * (windows + 1)


_TABLE = (
    Limit("codes.number", 5, HOUR, "telephone number",
          "Messages get lost and people try again; five are enough, and nobody's phone rings all night."),
    Limit("codes.number_day", 10, DAY, "telephone number",
          "Each code gives five guesses: this bounds what a day of asking is worth, and its cost."),
    Limit("codes.address", 120, HOUR, "address",
          "A camp enrols two people a minute through one address. One attacker costs no more than that."),
    Limit("codes.guess_address", 300, HOUR, "address",
          "Each of those people writes a code, some of them twice."),
    Limit("codes.all", 20_000, HOUR, "installation",
          "The only bound on somebody with thousands of addresses and a list of numbers, and on the bill: it is the "
          "setting TOLI_CODES_PER_HOUR, to be raised for the days of a large drive."),
    Limit("sign_in.address", 600, HOUR, "address",
          "Forms sent while signing in: number and code, with mistakes."),
    Limit("join.address", 1200, HOUR, "address",
          "Forms sent while joining: four for each person of the camp, and corrections."),
    Limit("verify.address", 600, HOUR, "address",
          "A helper at the door scans ten cards a minute. Forging one means breaking a signature, not trying."),
    Limit("share.unknown_address", 60, HOUR, "address",
          "Only codes that do not exist count. People hardly ever mistype a link; programs that search do."),
    Limit("senders.test", 5, HOUR, "account",
          "A test goes to one's own telephone, and each costs money; nobody writes to others this way."),
    Limit("mailbox.member", 5, HOUR, "member",
          "A letter is mistyped, the message is looked for, and asked for once more."),
    Limit("mailbox.address", 5, DAY, "mailbox",
          "Whoever writes down somebody else's address fills no mailbox with our links."),
    Limit("hooks.unknown_address", 60, HOUR, "address",
          "Only posts without the secret of the platform count. A platform whose secret was changed is told so soon."),
    Limit("withdraw.unknown_address", 60, HOUR, "address",
          "Only links that were never sent count. A link cut off by a phone is tried a few times."),
    Limit("links.address", 600, HOUR, "address",
          "A village opens its welcome messages through one address. Their tokens cannot be guessed; this keeps "
          "programs that try from costing anything."),
    Limit("complaints.address", 60, HOUR, "address",
          "Forms of complaint, with corrections. Hundreds of people share an address, and few of them complain."),
    Limit("complaints.all", 1000, DAY, "installation",
          "What people can read and answer; a program with thousands of addresses buries nobody's complaint deeper."),
    Limit("sign_out.address", 6000, HOUR, "address",
          "Signing out protects people, so it is hardly ever in the way; a program that does nothing else is stopped."),
    Limit("staff.address", 120, HOUR, "address",
          "An office of fifty signs in every morning through one address."),
    Limit("staff.login", 10, HOUR, "login",
          "A person mistypes a password, then the code of the app; ten tries are patience."),
    Limit("staff.login_day", 20, DAY, "login",
          "Bounds guesses of the six digits for somebody who knows the password. Passkeys are not counted here, "
          "so a stranger who uses the tries up locks nobody out who has one."),
    Limit("members.lists", 60, DAY, "person",
          "Pages of fifty members each: enough to work through a constituency's day, not to copy a district."),
    Limit("members.pages", 300, DAY, "person",
          "A helper at a busy camp opens a member every two minutes for ten hours."),
    Limit("members.searches", 200, DAY, "person",
          "Numbers and card numbers looked up, found or not: somebody who goes through a list of numbers is stopped."),
    Limit("roles.unknown_login", 20, HOUR, "person",
          "Only logins that nobody on the staff has count. Who gives roles knows the login, and mistypes it twice."),
    Limit("pictures.person", 60, HOUR, "person",
          "Files and addresses of pictures. A desk tries a picture a minute at most; each costs a second of decoding, "
          "or ten of waiting for somebody else's server."),
)  # fmt: skip

LIMITS = {limit.name: limit for limit in _TABLE}


def tightest(limits: Iterable[Limit], span: timedelta) -> int:
    """The most that passes all of ``limits`` in any ``span``."""
    return min(limit.most_in(span) for limit in limits)


def network_of(address: str) -> str:
    """What an address counts as: an IPv4 address itself, an IPv6 address its /64, anything else one and the same.

    An IPv4 address written as IPv6 (``::ffff:192.0.2.1``) is the IPv4 address.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, 64), strict=False))
