"""What is so on the platform follows what is so here: members are invited where their seat is, and leave where it was.

Set against each other as a whole, not event by event: nothing can be missed, and repeating it changes nothing.
Somebody whose seat moved stays in the old group until they are in the new one.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from toli.botgroups.models import Bot, Chat, PlatformAccount
from toli.botgroups.ports import Act
from toli.botgroups.services import presences
from toli.botgroups.services.ordering import order, person_of, remove
from toli.botgroups.services.people import forget_person
from toli.botgroups.services.providing import connected
from toli.chatgroups.models import ChatGroup
from toli.core import clock, jobs
from toli.members import selectors as members
from toli.members.domain.purposes import Purpose, stands
from toli.members.models import MemberState

PAST = (MemberState.LEFT, MemberState.MERGED, MemberState.ERASED)
UNCLAIMED = timedelta(days=1)
# In a group without a seat there, and: no member any more, or without a card, or the seat that they had there has
# ended and they are in another group by now, or in none.
_LEAVING = """
SELECT a.id, p.chat_id, p.id, p.number FROM botgroups_presence p
JOIN botgroups_chat c ON c.id = p.chat_id AND c.inside
JOIN chatgroups_chatgroup g ON g.id = c.group_id
JOIN botgroups_platformaccount a ON a.person_hash = p.person_hash
JOIN members_member m ON m.id = a.member_id
WHERE p.inside AND c.bot_id = %(bot)s AND (
  m.state <> 'active'
  OR NOT EXISTS (SELECT 1 FROM cards_card k WHERE k.member_id = m.id AND k.revoked_at IS NULL
                 AND k.valid_until >= %(today)s)
  OR (EXISTS (SELECT 1 FROM chatgroups_seat s WHERE s.member_id = m.id AND s.group_id = g.id
              AND s.state IN ('left', 'moved', 'expired'))
      AND NOT EXISTS (SELECT 1 FROM chatgroups_seat s WHERE s.member_id = m.id AND s.group_id = g.id
                      AND s.state IN ('reserved', 'invited', 'joined'))
      AND NOT EXISTS (SELECT 1 FROM chatgroups_seat s WHERE s.member_id = m.id AND s.campaign_id = g.campaign_id
                      AND s.state IN ('reserved', 'invited'))))
"""
# A seat in a group that the bot keeps, whose member is known there and not in it: moved there, or waited for.
_INVITED = """
SELECT a.id, s.id, s.group_id, m.language, m.id, w.id IS NOT NULL FROM chatgroups_seat s
JOIN botgroups_chat c ON c.group_id = s.group_id AND c.inside AND c.ready_at IS NOT NULL
JOIN members_member m ON m.id = s.member_id AND m.state = 'active'
JOIN botgroups_platformaccount a ON a.member_id = s.member_id
LEFT JOIN chatgroups_waitingplace w ON w.seat_id = s.id
WHERE c.bot_id = %(bot)s AND s.state IN ('reserved', 'invited')
  AND (w.id IS NOT NULL OR EXISTS (
    SELECT 1 FROM chatgroups_seat b WHERE b.member_id = s.member_id AND b.campaign_id = s.campaign_id
    AND b.state = 'moved'))
  AND NOT EXISTS (SELECT 1 FROM botgroups_presence p
                  WHERE p.chat_id = c.id AND p.person_hash = a.person_hash AND p.inside)
  AND NOT EXISTS (SELECT 1 FROM botgroups_order o WHERE o.key = 'invite:' || s.id)
"""


def align() -> int:
    """Order what makes the platform follow. Returns how many orders are new."""
    new = 0
    for bot, provider in connected():
        new += _forget() + _see_off(bot) + _invite(bot, provider.channel) + _leave_unclaimed(bot)
    presences.count_outsiders()
    if new:
        jobs.enqueue_once("botgroups.carry_out")
    return new


def _forget() -> int:
    """Accounts of people who are members no more: out of the groups, and gone."""
    gone = PlatformAccount.objects.filter(member__state__in=PAST).values_list("member_id", flat=True)
    return sum(forget_person(member_id=member_id) > 0 for member_id in list(gone))


@transaction.atomic
def _see_off(bot: Bot) -> int:
    rows = _rows(_LEAVING, bot)
    accounts = PlatformAccount.objects.in_bulk([row[0] for row in rows])
    chats = Chat.objects.in_bulk([row[1] for row in rows])
    return sum(
        remove(bot.pk, chats[chat_id], person_of(accounts[account_id]), f"remove:{presence_id}:{number}")
        for account_id, chat_id, presence_id, number in rows
    )


@transaction.atomic
def _invite(bot: Bot, channel: str) -> int:
    rows = [row for row in _rows(_INVITED, bot) if _may_be_told(row[4], channel)]
    accounts = PlatformAccount.objects.in_bulk([row[0] for row in rows])
    found = ChatGroup.objects.in_bulk([row[2] for row in rows])
    return sum(
        order(
            bot.pk,
            Act.TELL,
            f"invite:{seat_id}",
            person_id=person_of(accounts[account_id]),
            about="place_free" if waited else "moved",
            language=language,
            group=found[group_id],
        )
        for account_id, seat_id, group_id, language, _member_id, waited in rows
    )


def _may_be_told(member_id: int, channel: str) -> bool:
    """Whether the member lets us write about the membership on this channel."""
    word = members.words(member_id).get((Purpose.MEMBERSHIP.value, channel))
    return stands(word, Purpose.MEMBERSHIP.value)


@transaction.atomic
def _leave_unclaimed(bot: Bot) -> int:
    """Out of groups that nobody connected: somebody else put the bot there."""
    old = Chat.objects.filter(bot_id=bot.pk, inside=True, group__isnull=True, seen_at__lt=clock.now() - UNCLAIMED)
    return sum(order(bot.pk, Act.LEAVE, f"leave:{chat.pk}:{chat.standing_number}", chat=chat) for chat in old)


def _rows(statement: str, bot: Bot) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"bot": bot.pk, "today": clock.today()})
        return list(cursor.fetchall())
