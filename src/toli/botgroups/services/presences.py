"""Who is in a group, as the platform tells it: members' seats follow, everybody else is counted under a keyed hash."""

from django.db import connection

from toli.botgroups.domain.deciding import Moment, gives_up_seat, is_news
from toli.botgroups.models import Bot, Chat, PlatformAccount, Presence
from toli.botgroups.ports import PersonMoved
from toli.botgroups.services import sealing
from toli.botgroups.services.joining import holds_card, seat_in
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services as groups
from toli.chatgroups.models import ChatGroup, SeatState
from toli.members.models import Member, MemberState

# People in a group who have no seat in it take places away from others. ``taken`` counts the seats already.
_OUTSIDERS = """
UPDATE chatgroups_chatgroup g SET outsiders = found.n
FROM (SELECT c.group_id, count(p.id) FILTER (WHERE p.inside AND s.id IS NULL) AS n
      FROM botgroups_chat c
      LEFT JOIN botgroups_presence p ON p.chat_id = c.id
      LEFT JOIN botgroups_platformaccount a ON a.person_hash = p.person_hash
      LEFT JOIN chatgroups_seat s ON s.member_id = a.member_id AND s.group_id = c.group_id
        AND s.state IN ('reserved', 'invited', 'joined')
      WHERE c.group_id IS NOT NULL GROUP BY c.group_id) found
WHERE g.id = found.group_id AND g.outsiders <> found.n
"""


def move(bot: Bot, news: PersonMoved, moment: Moment) -> None:
    """Somebody came or went. Older news than what is known changes nothing."""
    chat = Chat.objects.select_related("group").filter(number=news.chat_id, group__isnull=False).first()
    if chat is None or chat.group is None:
        return
    person = sealing.person_hash(news.person_id)
    known = Presence.objects.select_for_update().filter(chat=chat, person_hash=person).first()
    if not is_news(moment, Moment(known.at, known.number) if known else None):
        return
    Presence.objects.update_or_create(
        chat=chat, person_hash=person, defaults={"inside": news.inside, "at": moment.at, "number": moment.number}
    )
    account = PlatformAccount.objects.select_related("member").filter(person_hash=person).first()
    if account is None:
        return
    if news.inside:
        came(account.member, chat.group)
    else:
        _left(account.member, chat.group, moment)


def came(member: Member, group: ChatGroup) -> None:
    """A member is in a group: they have joined, if their seat is there or can be."""
    if member.state != MemberState.ACTIVE or not holds_card(member.pk):
        return
    if seat_in(member.pk, group.campaign_id) == group.pk:
        groups.confirm_joined(member_id=member.pk, campaign_id=group.campaign_id)


def _left(member: Member, group: ChatGroup, moment: Moment) -> None:
    seat = chatgroups.seat_of(member.pk, group.campaign_id)
    if seat is None or seat.group_id != group.pk or not gives_up_seat(moment.at, seat.reserved_at):
        return
    if seat.state in (SeatState.INVITED, SeatState.JOINED):
        groups.leave_group(member_id=member.pk, campaign_id=group.campaign_id)


def count_outsiders() -> int:
    """Bring the number of people without a seat up to date. Returns in how many groups it changed."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTSIDERS)
        return int(cursor.rowcount)
