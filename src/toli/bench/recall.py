"""A recall of a live kit: until the last place is gone that needs nobody's hand, and who has to do the rest."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as time_of_day
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.test import override_settings
from django.utils.translation import gettext_lazy as _

from toli.access import services as access
from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.bench import stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.bench.telegram import Telegram, emulated
from toli.chatgroups import services as groups
from toli.compliance import services as compliance
from toli.content import selectors as content
from toli.content import services as kits
from toli.content.domain.passport import RenditionDraft
from toli.core import clock, events
from toli.distribution import selectors
from toli.distribution import services as distribution
from toli.distribution.services.recalling import WITHIN
from toli.posting import selectors as posting
from toli.posting import services as posts
from toli.sharing import selectors as sharing
from toli.sharing import services as links

Advance = Callable[[int, int], None]
PLACES = 3000
PEOPLE = 50  # who run the groups
RIGHTS = ("can_manage_chat", "can_post_messages", "can_delete_messages")
UNHELD = ("--overall", "0", "--per-chat", "0", "--per-group", "0")
CHANNELS = ("whatsapp", "telegram", "facebook")
GOAL = {"max_seconds_to_the_rules": 0.01, "named": 1.0}
BARE = "UPDATE distribution_relay SET state = state WHERE kit_id = %s"


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Hand a kit out in ``size`` places (standard 3,000) and recall it.

    A quarter each: pages that members passed on, posts that people confirmed, posts that people are still asked for,
    and posts of the bot in Telegram channels, in front of the emulator; one in ten of these waits in a place that is
    paused. Against: the three hours of the rules, and a bare update of as many rows in the same run.
    """
    places = size or PLACES
    with scratch_database(), _own_mark(), emulated(*UNHELD) as telegram:
        kit_id, codes, posters = _hand_out(places, advance, telegram)
        posted = telegram.look("state")["standing"]
        started = time.perf_counter()
        recall = distribution.recall_kit(actor=SYSTEM, kit_id=kit_id, reason="A wrong figure")
        act = time.perf_counter() - started
        distribution.recall_automatic(recall_id=recall.pk)
        whole = time.perf_counter() - started
        still_open = sum(content.is_current(sharing.get_link(code).kit) for code in codes)
        report = selectors.recall_of(EVERYWHERE, recall.kit)
        rest = list(selectors.recall_rest(EVERYWHERE, report.recall))
        waiting = selectors.relays(EVERYWHERE, recall.kit).filter(state="waiting").count()
        own = posting.counts(EVERYWHERE, recall.kit)
        standing = telegram.look("state")["standing"]
        bare = _bare(kit_id)
    named = sum(place.person.display_name != "" for place in rest)
    measured = {
        "places": places,
        "act_seconds": round(act, 3),
        "last_automatic_place_seconds": round(whole, 3),
        "share_pages_replaced": report.recall.share_pages,
        "share_pages_still_open": still_open,
        "not_sent_any_more": report.recall.unsent,
        "posts_of_programs": posted,
        "posts_of_programs_deleted": own.deleted,
        "posts_of_programs_still_standing": standing,
        "posts_of_programs_cancelled": own.held_back,
        "still_asked_for": waiting,
        "rest": len(rest),
        "rest_with_a_named_person": named,
        "rest_of_those_who_posted": sum(place.person_id in posters for place in rest),
    }
    ratio = {
        "max_seconds_to_the_rules": round(whole / WITHIN.total_seconds(), 6),
        "named": named / len(rest) if rest else 1.0,
        "max_seconds_to_bare_update": round(whole / bare, 1),
    }
    met = ratio["max_seconds_to_the_rules"] <= GOAL["max_seconds_to_the_rules"] and named == len(rest)
    return BenchResult(
        name="recall",
        measured=measured,
        against={"rules_seconds": WITHIN.total_seconds(), "bare_update_seconds": round(bare, 4)},
        ratio=ratio,
        goal=GOAL,
        met=met and not still_open and not waiting and not standing and own.deleted == posted > 0,
    )


@contextmanager
def _own_mark() -> Iterator[None]:
    """How far dispatch has come is noted where nobody else looks."""
    with TemporaryDirectory() as folder, override_settings(MESSAGING_DIR=Path(folder)):
        yield


def _hand_out(places: int, advance: Advance, telegram: Telegram) -> tuple[int, list[str], set[int]]:
    """The kit, the codes of its share links, and the accounts of those who posted it."""
    quarter = max(1, places // 4)
    stage.set_organisation()
    compliance.set_rules(actor=SYSTEM, two_people=False, quiet_from=time_of_day(0), quiet_until=time_of_day(0))
    people = _people(min(PEOPLE, quarter))
    groups.create_campaign(
        actor=SYSTEM, code="bench", name_en="Bench", name_hi="Bench", platform="whatsapp", provider="assisted",
        territory_code="IN",
    )  # fmt: skip
    for number in range(2 * quarter):
        groups.add_group(
            actor=SYSTEM,
            campaign_code="bench",
            kind="whatsapp_group",
            name=f"Bench {number}",
            territory_codes=[f"{stage.STATE}-AC{number % 70 + 1:03d}"],
            join_address=f"https://chat.whatsapp.com/{number:022d}",
            admin_login=f"bench{number % len(people)}",
        )
        advance(number, places)
    kit_id = _kit()
    distribution.release_kit(actor=SYSTEM, kit_id=kit_id, campaign_code="bench", territory_code="IN")
    kit = content.get_kit(EVERYWHERE, kit_id)
    for relay in list(selectors.relays(EVERYWHERE, kit)[:quarter]):
        distribution.confirm_relay(actor=Actor(ActorKind.STAFF, relay.group.admin_id), relay_id=relay.pk)
    _post(kit_id, quarter, telegram)
    return kit_id, _links(kit_id, places - 3 * quarter), set(people)


def _post(kit_id: int, count: int, telegram: Telegram) -> None:
    """The bot posts in so many channels; a tenth of them is paused."""
    owner = telegram.act("new_person")
    for number in range(count):
        chat = telegram.act("new_channel", owner=owner, title=f"Bench {number}", username=f"bench_{number}")
        telegram.act("add_bot", chat_id=chat, by=owner, rights=RIGHTS)
        place = posts.add_place(
            actor=SYSTEM, provider="telegram_posts", settings={"chat_id": f"@bench_{number}"}, name=f"Bench {number}",
            territory_code=f"{stage.STATE}-AC{number % 70 + 1:03d}", person_login="bench0",
        )  # fmt: skip
        if number % 10 == 9:
            posts.set_place_state(actor=SYSTEM, place_id=place.pk, state="paused")
    plan = distribution.make_plan(
        actor=SYSTEM, kit_id=kit_id, campaign_code="bench", territory_codes=["IN"], channels=["telegram_posts"],
        starts_at=clock.now(),
    )  # fmt: skip
    distribution.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
    distribution.start_due_plans()
    while events.deliver():  # news of every group stands before that of the plan
        pass
    posts.send_due()


def _people(count: int) -> list[int]:
    access.ensure_standard_roles()
    found = []
    for number in range(count):
        account = accounts.create_account(
            actor=SYSTEM, login=f"bench{number}", display_name=f"Bench {number}", kind="staff"
        )
        access.grant_role(actor=SYSTEM, account_id=account.pk, role_code="coordinator", territory_code=stage.STATE)
        found.append(account.pk)
    return found


def _kit() -> int:
    now = clock.now()
    kit = kits.create_kit(
        actor=SYSTEM, code="bench", territory_code="IN", act_url="https://example.org/",
        renditions=[RenditionDraft("hi", "Bench", ("Bench",), "Bench")],
        valid_from=now, valid_until=now + timedelta(days=1),
    )  # fmt: skip
    kits.submit_kit(actor=SYSTEM, kit_id=kit.pk)
    kits.approve_kit(actor=SYSTEM, kit_id=kit.pk)
    return kit.pk


def _links(kit_id: int, count: int) -> list[str]:
    stage.import_members(max(1, -(-count // len(CHANNELS))))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM members_member ORDER BY id")
        members = [row[0] for row in cursor.fetchall()]
    pairs = [(member, channel) for member in members for channel in CHANNELS][:count]
    return [links.share_link(member_id=member, kit_id=kit_id, channel=channel).code for member, channel in pairs]


def _bare(kit_id: int) -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BARE, [kit_id])
    return time.perf_counter() - started


HELP = _("A recall: until the last place is gone that needs nobody's hand, and who does the rest.")
BENCHMARK = Benchmark("recall", HELP, run)
