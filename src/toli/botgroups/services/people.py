"""A member's own account on the platform: connected by a one-time code from their page, disconnected at any time."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.botgroups.errors import BotMissing
from toli.botgroups.models import Bot, Code, Order, OrderState, PlatformAccount, Presence
from toli.botgroups.ports import Act, BotProvider, CodeGiven, StopSaid
from toli.botgroups.services import presences, sealing
from toli.botgroups.services.joining import holds_card, seat_in
from toli.botgroups.services.ordering import order, person_of, remove
from toli.botgroups.services.providing import connected
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.models import ChatGroup
from toli.core import clock, jobs, wall
from toli.core.domain import base32
from toli.members.models import Member, MemberState
from toli.members.services import set_consent, stop_messages

CODE_LENGTH = 24  # 120 bits
PERSON_CODE_LASTS = timedelta(hours=24)


def new_code(*, lasts: timedelta, member_id: int | None = None, group_id: int | None = None) -> str:
    """A code that can be used once; only its keyed hash is kept."""
    code, now = base32.random_code(CODE_LENGTH).lower(), clock.now()
    Code.objects.create(
        code_hash=sealing.code_hash(code), member_id=member_id, group_id=group_id, made_at=now, expires_at=now + lasts
    )
    return code


@transaction.atomic
def start_address(*, actor: Actor, member_id: int) -> str:
    """Where the member starts the bot, so that it knows their account. Raises BotMissing."""
    found = connected()
    if not found:
        raise BotMissing
    bot, provider = found[0]
    code = new_code(lasts=PERSON_CODE_LASTS, member_id=member_id)
    return provider.person_address(bot.username, code)


def connect_person(bot: Bot, provider: BotProvider, news: CodeGiven) -> None:
    """Somebody started the bot with a code, or without one; they are told what comes next."""
    code = (
        Code.objects.select_for_update()
        .select_related("member")
        .filter(code_hash=sealing.code_hash(news.code), member__isnull=False, expires_at__gt=clock.now())
        .first()
    )
    person = sealing.person_hash(news.person_id)
    account = PlatformAccount.objects.select_related("member").filter(person_hash=person).first()
    if code is None or code.member is None or (code.used_at and (not account or account.member_id != code.member_id)):
        _tell(bot, news, "known" if account else "code_over", account.member if account else None)
        return
    member = code.member
    if account is not None and account.member_id != member.pk:
        _tell(bot, news, "taken", member)
        return
    if code.used_at:  # the same start once more: what followed from it has followed
        _tell(bot, news, "known", member)
        return
    Code.objects.filter(pk=code.pk).update(used_at=clock.now())
    if account is None:
        _attach(bot, provider, member, news.person_id)
    else:  # they said stop, and ask for messages again by their own page's address
        _agree(provider, member)
    _tell_group(bot, news, member)


def _attach(bot: Bot, provider: BotProvider, member: Member, person_id: int) -> None:
    """This account is the member's from now on; one that they had before leaves the groups."""
    forget_person(member_id=member.pk)
    account = PlatformAccount(member=member, person_hash=sealing.person_hash(person_id), connected_at=clock.now())
    account.person_sealed = sealing.accounts().encrypt(str(person_id), row=account.sealed_row())
    account.save()
    _agree(provider, member)
    for presence in Presence.objects.filter(person_hash=account.person_hash, inside=True).select_related("chat__group"):
        if presence.chat.group is not None:
            presences.came(member, presence.chat.group)


def _agree(provider: BotProvider, member: Member) -> None:
    set_consent(
        member_id=member.pk,
        purpose="membership",
        given=True,
        language=member.language,
        evidence={"way": "bot started with a code from the member's page"},
        channels=[provider.channel],
    )


def stop_writing(bot: Bot, provider: BotProvider, news: StopSaid) -> None:
    """A word that means stop, said to the bot alone: a no to everything by this channel, and one answer.

    Whoever has connected no account is written to by nobody; who said so before is not answered again.
    """
    person = sealing.person_hash(news.person_id)
    account = PlatformAccount.objects.select_related("member").filter(person_hash=person).first()
    if account is None:
        return
    changed = stop_messages(
        actor=SYSTEM,
        member_ids=[account.member_id],
        channel=provider.channel,
        language=news.language,
        evidence={"wrote_to": provider.key},
        said_at=news.at,
    )
    if not changed:
        return
    Order.objects.filter(bot_id=bot.pk, person_hash=person, act=Act.TELL, state=OrderState.WAITING).delete()
    spoken = news.language if news.language in dict(settings.LANGUAGES) else account.member.language
    key = f"tell:stopped:{person.hex()}:{int(news.at.timestamp())}"
    order(bot.pk, Act.TELL, key, person_id=news.person_id, about="stopped", language=spoken)


def _tell_group(bot: Bot, news: CodeGiven, member: Member) -> None:
    group, about = None, "no_card"
    if member.state == MemberState.ACTIVE and holds_card(member.pk):
        group = _group_of(member, bot)
        about = "your_group" if group else _why_none(member)
    _tell(bot, news, about, member, group)


def _why_none(member: Member) -> str:
    campaign = chatgroups.current_campaign()
    waits = campaign is not None and chatgroups.place_in_line(member.pk, campaign.pk) is not None
    return "no_place" if waits else "no_group"


def _group_of(member: Member, bot: Bot) -> ChatGroup | None:
    """The member's group that this bot keeps, in the campaign that members join today."""
    campaign = chatgroups.current_campaign()
    if campaign is None or campaign.provider != bot.provider:
        return None
    seated = seat_in(member.pk, campaign.pk)
    return ChatGroup.objects.filter(pk=seated).first() if seated else None


def _tell(bot: Bot, news: CodeGiven, about: str, member: Member | None, group: ChatGroup | None = None) -> None:
    person = sealing.person_hash(news.person_id)
    key = f"tell:{about}:{person.hex()}:{sealing.code_hash(news.code).hex()[:16]}"
    if about in ("known", "code_over"):  # whoever starts the bot again and again is answered once in ten minutes
        key = f"{key}:{int(clock.now().timestamp() // 600)}"
    language = member.language if member else ""
    order(bot.pk, Act.TELL, key, person_id=news.person_id, about=about, language=language, group=group)


@transaction.atomic
def disconnect_person(*, actor: Actor, member_id: int) -> bool:
    """The member takes their account back: it leaves the groups and is forgotten. Returns whether there was one."""
    known = PlatformAccount.objects.filter(member_id=member_id).exists()
    forget_person(member_id=member_id)
    if known:
        audit.record_act(actor, action="botgroups.disconnect", target=f"member:{member_id}")
    return known


@transaction.atomic
@wall.lifted("whoever goes leaves every group, whoever looks after it")
def forget_person(*, member_id: int) -> int:
    """Have the member's account leave every group, and forget it. Returns how many rows are gone.

    Orders to leave stay, sealed, until they are carried out.
    """
    account = PlatformAccount.objects.select_for_update().filter(member_id=member_id).first()
    if account is None:
        return 0
    person_id, person = person_of(account), bytes(account.person_hash)
    seen = Presence.objects.filter(person_hash=person).select_related("chat")
    gone = [presence for presence in seen if presence.inside]
    removed = Order.objects.filter(person_hash=person).delete()[0]
    for presence in gone:
        key = f"forget:{presence.chat_id}:{presence.number}:{presence.pk}"
        remove(presence.chat.bot_id, presence.chat, person_id, key)
    removed += seen.delete()[0] + account.delete()[0]
    if gone:
        jobs.enqueue_once("botgroups.carry_out")
    return removed
