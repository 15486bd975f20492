"""What an attacker gets in 24 hours: played through against the pages, and compared with what docs/security says.

The attackers here are as quick as they like, change addresses as they like, and know the limits. ``most`` is the
computed bound; an attacker who begins with fresh counters reaches it but for the window that the bound allows for.
"""

import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Sum

from tests.factories import make_account
from toli.accounts.domain import codes
from toli.accounts.models import OneTimeCode
from toli.core.domain.base32 import random_code, with_checksum
from toli.core.domain.guessing import Attack, Bound
from toli.core.domain.limits import DAY, HOUR, LIMITS, Limit
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.sharing.services import share_link
from toli.web.guessing import BOTNET, doors, figures

pytestmark = pytest.mark.django_db
NUMBER = "+910123456789"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security" / "limits.md"


def most(name, addresses=1):
    """Guesses at a door that the limits let through at the most."""
    door = next(door for door in doors() if door.name == name)
    return door.attack.guesses(DAY, addresses=addresses)


def address(number):
    """One of 16 million addresses."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Thief:
    """Asks for codes of one number and guesses at each. The right code is never among the guesses."""

    def __init__(self, client, *, addresses=1):
        self.client = client
        self.addresses = itertools.cycle(address(number) for number in range(addresses))
        self.guess = itertools.count()

    def post(self, **fields):
        return self.client.post("/sign-in", fields, REMOTE_ADDR=next(self.addresses))

    def round(self):
        """Whether a code was sent; if so, all guesses were made at it and one more."""
        if self.post(step="phone", phone=NUMBER).status_code != 303:
            return False
        for _ in range(codes.TRIES + 1):
            self.post(step="code", code=f"{next(self.guess) % 900000:06d}")
        return True


@pytest.fixture
def guesses(sent, monkeypatch):
    """``guesses()``: how many codes were really compared with the right one."""
    monkeypatch.setattr(codes, "new_code", lambda: "999999")
    return lambda: OneTimeCode.objects.aggregate(all=Sum("tries"))["all"] or 0


class TestOneNumber:
    def test_one_address(self, world, browser, guesses, time):
        rounds = time.attack(Thief(browser()).round)
        assert rounds == LIMITS["codes.number_day"].times
        assert most("code") / 2 <= guesses() <= most("code")

    def test_somebody_who_waits_for_the_edge_of_a_window_stays_below_the_bound(self, world, browser, guesses, time):
        thief = Thief(browser())
        thief.post(step="phone", phone=NUMBER)
        time.wait(hours=20)
        time.attack(thief.round)
        assert most("code") * 0.8 < guesses() <= most("code")

    def test_ten_thousand_addresses_get_no_more_than_one(self, world, browser, guesses, time):
        thief = Thief(browser(), addresses=BOTNET)
        for _ in range(500):  # spread over the day, each from another address
            thief.round()
            time.wait(seconds=DAY.total_seconds() / 500)
        assert most("code", addresses=BOTNET) == most("code")
        assert 0 < guesses() <= most("code")

    def test_ten_thousand_spellings_share_one_counter(self, world, browser, guesses, time):
        spellings = list(spelled(NUMBER[3:], 10_000))
        assert len(set(spellings)) == 10_000
        assert numbers(spellings) == {NUMBER}
        thief = browser()
        for spelling in spellings[:: len(spellings) // 100]:
            thief.post("/sign-in", {"step": "phone", "phone": spelling})
        assert OneTimeCode.objects.count() == LIMITS["codes.number"].times


def spelled(digits, count):
    """So many ways to write one Indian number."""
    scripts = ("0123456789", "०१२३४५६७८९", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９")
    prefixes = ("+91", "0091", "91", "0", "+91 ", "(+91) ", "+91-")
    gaps = list(itertools.product(("", " ", "-", ".", "\u00a0"), repeat=5))
    ways = itertools.product(gaps, prefixes, scripts)
    for cut, prefix, script in itertools.islice(ways, count):
        body = "".join(a + b for a, b in itertools.zip_longest(re.findall("..", digits), cut[:4], fillvalue=""))
        yield (prefix + body).translate(str.maketrans(scripts[0], script)) + cut[4]


def numbers(spellings):
    """The numbers that these texts are taken for; what is refused is none."""
    found = set()
    for spelling in spellings:
        try:
            found.add(to_e164(spelling))
        except InvalidPhone:
            continue
    return found


class TestManyNumbers:
    def test_one_address_asks_for_codes_of_as_many_numbers_as_it_likes(self, world, browser, guesses, time, only):
        """With a sixtieth of the declared figures, which the bound follows."""
        only("codes.address", 2)
        only("codes.guess_address", 5)
        serial = itertools.count(1)
        client = browser()

        def attempt():
            number = f"+910{next(serial):09d}"
            asked = client.post("/sign-in", {"step": "phone", "phone": number}).status_code == 303
            answers = [client.post("/sign-in", {"step": "code", "code": "1"}) for _ in range(codes.TRIES * asked)]
            return asked and answers[-1].status_code != 429

        time.attack(attempt)
        assert 0 < guesses() <= most("any_code")


class TestByAddress:
    """Cards, share codes, links: what is guessed has no counter of its own, the address has."""

    ATTEMPTS = {
        "card": (
            "verify.address",
            lambda c, a: c.get(f"/V/{with_checksum(random_code(8))}-000A-1/AAAA", REMOTE_ADDR=a),
        ),
        "card typed": ("verify.address", lambda c, a: c.post("/verify", {"code": random_code(10)}, REMOTE_ADDR=a)),
        "share": (
            "share.unknown_address",
            lambda c, a: c.get(f"/s/{with_checksum(random_code(8)).lower()}", REMOTE_ADDR=a),
        ),
        "withdraw_link": ("withdraw.unknown_address", lambda c, a: c.get(f"/c/{random_code(18)}", REMOTE_ADDR=a)),
        "sign_in_link": ("links.address", lambda c, a: c.post(f"/a/{random_code(43)}", REMOTE_ADDR=a)),
        "welcome_link": ("links.address", lambda c, a: c.post(f"/w/{random_code(43)}", REMOTE_ADDR=a)),
    }

    @pytest.mark.parametrize("kind", ATTEMPTS)
    def test_a_whole_window_of_tries_at_the_real_figure(self, kind, world, browser, time):
        name, attempt = self.ATTEMPTS[kind]
        client = browser()
        answers = [attempt(client, address(1)).status_code for _ in range(LIMITS[name].times + 5)]
        assert answers.count(429) == 5
        assert 200 not in answers or kind == "card typed"

    @pytest.mark.parametrize("kind", ATTEMPTS)
    def test_a_day_of_one_address(self, kind, world, browser, time, only):
        name, attempt = self.ATTEMPTS[kind]
        only(name, 4)
        client = browser()
        passed = time.attack(lambda: attempt(client, address(1)).status_code != 429)
        assert passed == 4 * 24
        assert passed <= most(kind.split()[0])

    @pytest.mark.parametrize("kind", ATTEMPTS)
    def test_each_address_of_a_botnet_counts_for_itself(self, kind, world, browser, time, only):
        name, attempt = self.ATTEMPTS[kind]
        only(name, 2)
        client = browser()
        answers = [attempt(client, address(n)).status_code for _ in range(3) for n in range(20)]
        assert len(answers) - answers.count(429) == 2 * 20
        assert most(kind.split()[0], addresses=20) == 2 * 25 * 20

    def test_a_botnet_behind_one_subscriber_is_one_address(self, world, browser, time, only):
        only("verify.address", 3)
        client, attempt = browser(), self.ATTEMPTS["card"][1]
        answers = [attempt(client, f"2001:db8:7:7::{n:x}").status_code for n in range(1, 50)]
        assert len(answers) - answers.count(429) == 3

    def test_a_search_that_finds_something_is_stopped_as_well(self, world, browser, time, only):
        only("share.unknown_address", 3)
        known = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp").code
        client, attempt = browser(), self.ATTEMPTS["share"][1]
        for _ in range(4):
            attempt(client, address(1))
        assert client.get(f"/s/{known}", REMOTE_ADDR=address(1)).status_code == 429


class TestStaff:
    """At the real page, by somebody who knows the password and guesses the six digits."""

    PASSWORD = "four sparrows on a wire"

    @pytest.fixture
    def asha(self, world, quick_hashes):
        """Somebody with a password but no app: no digits are right."""
        account = make_account()
        account.set_password(self.PASSWORD)
        account.save()
        return account

    def attempt(self, client, login, source):
        """Whether the guess was looked at."""
        fields = {"step": "password", "login": login, "password": self.PASSWORD, "code": "000000"}
        status = client.post("/sign-in/staff", fields, REMOTE_ADDR=source).status_code
        assert status in {400, 429}
        return status == 400

    def test_one_address(self, asha, browser, time):
        client = browser()
        passed = time.attack(lambda: self.attempt(client, asha.login, address(1)))
        assert most("staff") / 2 <= passed <= most("staff")

    def test_many_addresses_get_no_more_than_one(self, asha, browser, time):
        client, passed = browser(), 0
        for number in range(500):  # spread over the day, each from another address
            passed += self.attempt(client, asha.login, address(number))
            time.wait(seconds=DAY.total_seconds() / 500)
        assert 0 < passed <= most("staff") == most("staff", addresses=BOTNET)

    def test_many_logins_are_bound_by_the_address(self, asha, browser, time, only):
        only("staff.address", 4)
        client, logins = browser(), itertools.count()
        passed = time.attack(lambda: self.attempt(client, f"user{next(logins)}", address(1)), pause=20)
        assert passed == 4 * 24

    @pytest.mark.parametrize("spelt", [str.upper, str.title, "  {} ".format])
    def test_spellings_of_a_login_share_one_counter(self, asha, browser, spelt):
        client = browser()
        for _ in range(LIMITS["staff.login"].times):
            assert self.attempt(client, spelt(asha.login), address(1))
        assert not self.attempt(client, asha.login, address(2))


class TestFigures:
    def test_the_control_without_a_limit_by_number_a_botnet_gets_in(self):
        """What the limit by number is for: without it the same attackers would try every code there is."""
        without = [bound for bound in doors()[0].attack.bounds if bound.by_address]
        assert Attack(10**6, without).guesses(DAY, addresses=BOTNET) > 10**6

    def test_the_chance_is_that_of_guesses_that_do_not_know_of_each_other(self):
        bound = Bound(Limit("x", 1, DAY, "", ""))
        assert Attack(2, [bound]).chance(DAY) == pytest.approx(0.75)  # two guesses: one window and a second at its edge
        assert Attack(10**6, [bound]).chance(DAY) == pytest.approx(2e-6, rel=1e-3)
        assert Attack(2**256, [bound]).chance(DAY) > 0

    def test_the_smallest_bound_counts(self):
        tight, wide = Bound(Limit("x", 3, HOUR, "", ""), guesses=2), Bound(Limit("y", 1, HOUR, "", ""), by_address=True)
        attack = Attack(1000, [tight, wide], targets=5)
        assert attack.guesses(timedelta(hours=1)) == 2
        assert attack.guesses(timedelta(hours=1), addresses=100) == 3 * 2 * 2 * 5

    def test_the_codes_are_as_the_domain_makes_them(self):
        assert codes.TRIES == 5
        assert all(len(codes.new_code()) == codes.DIGITS for _ in range(100))

    @pytest.mark.parametrize("name", [door.name for door in doors()])
    def test_the_document_says_what_the_code_says(self, name):
        line = next(line for line in figures() if line.name == name)  # made here: collecting speaks another language
        assert written(line) in DOCUMENT.read_text().splitlines()

    def test_the_document_has_no_line_more(self):
        rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
        assert len(rows) == len(figures())

    def test_the_command_gives_the_same_figures(self, toli):
        found = toli("limits", "--json").json
        assert [line["guesses_botnet"] for line in found] == [line.guesses_botnet for line in figures()]
        assert "10000 addresses" in toli("limits").err


def written(line):
    """The line of the table in docs/security/limits.md."""
    bounds = "<br>".join(f"`{text}`" for text in line.limits)
    guesses = f"{line.guesses_one:,} | {line.guesses_botnet:,}"
    return (
        f"| `{line.name}` | {line.aim} | {bounds} | {guesses} | {line.space:.2g} | "
        f"{line.chance_one:.2g} | {line.chance_botnet:.2g} |"
    )
