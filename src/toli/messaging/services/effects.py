"""What a verdict means beyond its message. What must not be lost is published with it; the rest comes again by itself
with the next message that meets the same refusal."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.core.events import publish
from toli.members import services as members
from toli.members.domain.purposes import PURPOSES
from toli.members.selectors import agreed_among, citizens_agreed_among, language_of
from toli.messaging.domain.verdicts import DAY, Effect
from toli.messaging.events import AddressesExpired, OptOutReported, RecipientMissed
from toli.messaging.models import Batch, BatchQuerySet, BatchState, Message, Sender, SenderState
from toli.messaging.providers import provider_class
from toli.messaging.services import limits, outbox
from toli.messaging.services.dispatching import News

TOLD = frozenset({Effect.OPT_OUT, Effect.OPT_OUT_OF_ALL, Effect.OTHER_CHANNEL})


def publish_effects(sender: Sender, news: Iterable[News]) -> None:
    """In the transaction of the news: who opted out, who has to be reached another way, what leads nowhere."""
    news = list(news)
    _publish_expired(sender, news)
    telling = [item for item in news if item.effect in TOLD and any(item.held.person)]
    if not telling:
        return
    batches = Batch.objects.in_bulk({item.held.batch_id for item in telling})
    kind = provider_class(sender.provider)
    for item in telling:
        batch, member_id = batches[item.held.batch_id], item.held.member_id or 0
        citizen_id = item.held.citizen_id
        if citizen_id is not None and item.effect is not Effect.OTHER_CHANNEL:
            publish(OptOutReported(0, batch.purpose, kind.channel, kind.key, citizen_id))
        elif item.effect is Effect.OPT_OUT:
            publish(OptOutReported(member_id, batch.purpose, kind.channel, kind.key))
        elif item.effect is Effect.OPT_OUT_OF_ALL:
            for purpose in PURPOSES:
                publish(OptOutReported(member_id, purpose, kind.channel, kind.key))
        elif batch.otherwise_id:
            publish(RecipientMissed(member_id, batch.pk, batch.otherwise_id, citizen_id))


def _publish_expired(sender: Sender, news: Sequence[News]) -> None:
    keys = tuple(key for item in news for key in item.expired)
    if keys:
        publish(AddressesExpired(provider_class(sender.provider).channel, keys))


def apply_effects(sender: Sender, news: Sequence[News]) -> None:
    """After the news is written down: slow down, stop, pause."""
    by_effect: dict[Effect, list[News]] = {}
    for item in news:
        by_effect.setdefault(item.effect, []).append(item)
    if slow := by_effect.get(Effect.SLOW_SENDER):
        limits.put_off(f"sender:{sender.pk}", seconds=max(item.wait for item in slow))
    _leave_alone(sender, by_effect)
    if unwanted := by_effect.get(Effect.STOP_BATCH):
        _stop(Batch.objects.filter(pk__in={item.held.batch_id for item in unwanted}), unwanted[0].code)
    if broken := by_effect.get(Effect.STOP_TEMPLATE):
        named = Batch.objects.filter(pk__in={item.held.batch_id for item in broken}).values("template")
        _stop(Batch.objects.filter(sender=sender, template__in=named), broken[0].code)
    if dead := by_effect.get(Effect.PAUSE_SENDER):
        pause_sender(sender, dead[0].code)


def pause_sender(sender: Sender, reason: str) -> None:
    """The sender sends nothing until somebody looks at it. Safe to repeat."""
    with transaction.atomic():
        changed = Sender.objects.filter(pk=sender.pk, state=SenderState.ACTIVE).update(
            state=SenderState.PAUSED, reason=reason[:40]
        )
        if changed:
            details = {"state": SenderState.PAUSED.value, "reason": reason[:40]}
            audit.record_act(SYSTEM, action="delivery.sender.state", target=f"sender:{sender.code}", details=details)


def record_opt_out(event: OptOutReported) -> None:
    """Their word to the provider is a word to us. In which language they said it nobody tells: so, in their own."""
    if event.citizen_id is not None:
        members.end_told_agreement(citizen_id=event.citizen_id, page=f"told {event.provider}")
        return
    members.set_consent(
        actor=SYSTEM,
        member_id=event.member_id,
        purpose=event.purpose,
        given=False,
        language=language_of(event.member_id),
        evidence={"told": event.provider},
        channels=(event.channel,),
    )


def try_otherwise(event: RecipientMissed) -> None:
    """Queue the message, with its own words, in the batch that was named for such cases, or in the one named in that
    if the member did not agree to its channel. Safe to repeat: one message for each member."""
    other = Batch.objects.select_related("sender").filter(pk=event.otherwise).first()
    while other is not None and not _may_have(other, event):
        other = other.otherwise
    if other is not None:
        sent = Message.objects.filter(batch_id=event.batch_id)
        if event.citizen_id is not None:
            missed = sent.filter(citizen_id=event.citizen_id).first()
        else:
            missed = sent.filter(member_id=event.member_id).first()
        words = missed.params if missed else None
        outbox.enqueue(scope=EVERYWHERE, batch=other, members={event.citizen_id or event.member_id: words})


def _may_have(batch: Batch, event: RecipientMissed) -> bool:
    channel = provider_class(batch.sender.provider).channel
    if batch.state == BatchState.CANCELLED:
        return False
    if event.citizen_id is not None:
        return event.citizen_id in citizens_agreed_among([event.citizen_id], channel=channel)
    return event.member_id in agreed_among([event.member_id], purpose=batch.purpose, channel=channel)


def _leave_alone(sender: Sender, by_effect: dict[Effect, list[News]]) -> None:
    waits = {item.held.person: item.wait for item in by_effect.get(Effect.SLOW_RECIPIENT, ())}
    waits |= {item.held.person: DAY for item in by_effect.get(Effect.SLOW_RECIPIENT_FOR_A_DAY, ())}
    limits.leave_alone(sender.pk, {member: wait for (member, _), wait in waits.items() if member is not None})
    citizens = {citizen: wait for (_, citizen), wait in waits.items() if citizen is not None}
    limits.leave_alone(sender.pk, citizens, whose=limits.CITIZENS)


def _stop(batches: BatchQuerySet, reason: str) -> None:
    found = list(batches.filter(state=BatchState.ACTIVE))
    with transaction.atomic():
        outbox.hold_batches([batch.pk for batch in found], reason)
        for batch in found:
            audit.record_act(
                SYSTEM, action="delivery.batch.stop", target=f"batch:{batch.pk}", territory_id=batch.territory_id,
                details={"reason": reason},
            )  # fmt: skip
