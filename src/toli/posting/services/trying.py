"""A test: one line is posted in a place and deleted again, so that people know before it matters."""

from datetime import timedelta

from django.utils.translation import gettext as _

from toli.access.domain.permissions import PLACES_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import services as compliance
from toli.compliance.services import SendingQuestion
from toli.core import clock
from toli.posting import selectors
from toli.posting.domain.states import State, Verdict
from toli.posting.errors import PlaceInvalid, TryFailed
from toli.posting.models import Post
from toli.posting.ports import Outgoing, Standing
from toli.posting.providers import provider_named
from toli.posting.services import keeping


def try_place(*, actor: Actor, place_id: int) -> Post:
    """Post one line, and delete it at once where the platform lets programs delete.

    Raises:
        PlaceNotFound. PlaceInvalid: also where the platform takes no mere words. ChannelBarred.
        TryFailed: a rule of the law forbids it now, or the platform did not take it.
    """
    place = selectors.get_place(scope_for(actor, PLACES_MANAGE), place_id)
    compliance.require_channel(place.provider)
    provider = provider_named(place.provider)
    if not provider.capabilities.can_be_tried:
        raise PlaceInvalid(reason=_("A test would stay there for good. Ask for its health instead."))
    _require_lawful(place.provider, selectors.heard_in([place])[0])
    settings, now = keeping.settings_of(place), clock.now()
    post = Post.objects.create(
        place=place,
        language="hi",
        state=State.SENDING,
        attempts=1,
        created_at=now,
        created_by_id=actor.id,
        ready_at=now,
        tried_at=now,
        expires_at=now,
        lease_until=now + timedelta(minutes=3),
    )
    audit.record_act(actor, action="posting.try", target=f"place:{place.pk}", territory_id=place.home.pk)
    (receipt,) = provider.publish([Outgoing(settings, _("A test by Toli. It is deleted at once."))])
    post.ref, post.reason, post.address = receipt.ref, receipt.code[:80], receipt.address
    post.state, post.lease_until = _state_of(receipt.verdict), None
    post.posted_at = clock.now() if receipt.verdict is Verdict.DONE else None
    post.save()
    if receipt.verdict is not Verdict.DONE:
        raise TryFailed(reason=receipt.code or receipt.verdict)
    (gone,) = provider.delete([Standing(settings, receipt.ref)])
    post.state = State.DELETED if gone.verdict is Verdict.DONE else State.POSTED
    post.reason, post.ended_at = gone.code[:80], clock.now()
    post.save()
    return post


def _state_of(verdict: Verdict) -> State:
    if verdict is Verdict.DONE:
        return State.POSTED
    return State.UNKNOWN if verdict is Verdict.UNKNOWN else State.FAILED


def _require_lawful(channel: str, places: list[int]) -> None:
    now = clock.now()
    questions = [SendingQuestion(there, channel, "content", now, whole_branch=True) for there in places]
    for answer in compliance.judge_sendings(questions):
        if answer is not None:
            raise TryFailed(reason=answer.rule)
