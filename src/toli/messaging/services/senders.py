"""Setting up what sends, and asking before anything else whether this organisation may use it."""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from toli.access.domain.permissions import SENDERS_MANAGE
from toli.access.policies import holds_everywhere
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import services as compliance
from toli.core import clock, wall
from toli.core.crypto import cipher_for
from toli.core.domain.addresses import as_web_address
from toli.core.errors import Forbidden
from toli.core.fetching import leads_outside
from toli.members.domain.purposes import PURPOSES
from toli.messaging import selectors
from toli.messaging.domain import kit_templates
from toli.messaging.domain.prices import price_of
from toli.messaging.errors import SenderExists, SenderInvalid
from toli.messaging.models import Portfolio, Sender, SenderState
from toli.messaging.ports import ChannelProvider
from toli.messaging.providers import is_secret, provider_class

SECRETS_CONTEXT = "messaging_sender.secrets"


@transaction.atomic
@wall.lifted("who keeps senders keeps all of them")
def create_sender(
    *,
    actor: Actor,
    code: str,
    name: str,
    provider: str,
    settings: Mapping[str, Any],
    per_second: float = 0,
    recipient_gap: float = 0,
    portfolio: str = "",
    per_day: int = 0,
    kit_template: str = "",
    prices: Mapping[str, str] | None = None,
) -> Sender:
    """Set up a sender. ``portfolio``: the limit of messages a day that it shares with others of that name.

    ``kit_template``: by which template kits go out (domain/kit_templates.py). ``prices``: paise for a message, by
    purpose.

    Raises:
        ChannelBarred: this kind of organisation may not use the provider.
        ProviderUnknown, SenderExists, SenderInvalid: a setting is missing, unknown or wrong. Forbidden.
    """
    _require_keeper(actor)
    compliance.require_channel(provider)
    _require_outside(actor, settings)
    if not re.fullmatch(r"[a-z0-9-]{1,40}", code) or code == "new" or not name.strip():
        raise SenderInvalid(reason=_("the short name has small letters, digits and hyphens, and there is a name"))
    if Sender.objects.filter(code=code).exists():
        raise SenderExists(sender=code)
    sender = Sender(
        code=code,
        name=name,
        provider=provider,
        per_second=per_second,
        recipient_gap=recipient_gap,
        portfolio=_portfolio(portfolio, per_day) if portfolio else None,
        kit_template=_template(kit_template),
        prices=_prices(prices or {}),
        created_at=clock.now(),
    )
    sender.save()
    _keep(sender, {**settings, **_made_here(provider, settings)})
    audit.record_act(actor, action="delivery.sender.create", target=f"sender:{code}", details={"provider": provider})
    return sender


@transaction.atomic
@wall.lifted("who keeps senders keeps all of them")
def change_sender(
    *,
    actor: Actor,
    code: str,
    settings: Mapping[str, Any],
    name: str | None = None,
    per_second: float | None = None,
    recipient_gap: float | None = None,
    kit_template: str | None = None,
    prices: Mapping[str, str] | None = None,
) -> Sender:
    """Change some of a sender's settings, and what else is given. An empty price is not known any more.

    Raises as :func:`create_sender`, and SenderNotFound.
    """
    _require_keeper(actor)
    sender = selectors.get_sender(code, lock=True)
    compliance.require_channel(sender.provider)
    _require_outside(actor, settings)
    _require_keys_again(actor, sender, settings)
    if prices is not None:
        left = {purpose: price for purpose, price in sender.prices.items() if purpose not in prices}
        sender.prices = left | _prices(prices)
    template = None if kit_template is None else _template(kit_template)
    given = {"name": name, "per_second": per_second, "recipient_gap": recipient_gap, "kit_template": template}
    told = {field: value for field, value in given.items() if value is not None}
    for field, value in told.items():
        setattr(sender, field, value)
    sender.save(update_fields=[*told, "prices"])
    _keep(sender, {**_settings_of(sender), **settings})
    changed = sorted([*settings, *told, *(["prices"] if prices is not None else [])])
    audit.record_act(actor, action="delivery.sender.change", target=f"sender:{code}", details={"what": changed})
    return sender


@transaction.atomic
@wall.lifted("who keeps senders keeps all of them")
def set_sender_state(*, actor: Actor, code: str, state: str, reason: str = "") -> Sender:
    """Pause a sender, or let it send again. Raises SenderNotFound, ChannelBarred, Forbidden."""
    _require_keeper(actor)
    sender = selectors.get_sender(code, lock=True)
    if state == SenderState.ACTIVE:
        compliance.require_channel(sender.provider)
    sender.state, sender.reason = SenderState(state), "" if state == SenderState.ACTIVE else reason or "by_hand"
    sender.save(update_fields=["state", "reason"])
    audit.record_act(
        actor,
        action="delivery.sender.state",
        target=f"sender:{code}",
        details={"state": state, "reason": sender.reason},
    )
    return sender


@transaction.atomic
@wall.lifted("who keeps senders keeps all of them")
def rotate_key(*, actor: Actor, code: str, forget: bool = False) -> Sender:
    """Make a new key for a sender whose key is made here, and keep those before it for whoever is bound to them.

    ``forget``: no new key; those before are forgotten, and whoever is bound to one still is reached no more.

    Raises:
        SenderNotFound, ChannelBarred, Forbidden. SenderInvalid: its key is not made here.
    """
    _require_keeper(actor)
    sender = selectors.get_sender(code, lock=True)
    compliance.require_channel(sender.provider)
    fields = {
        field.name: field.metadata for field in dataclasses.fields(provider_class(sender.provider).settings_schema)
    }
    kept = next((name for name, told in fields.items() if "earlier_of" in told), "")
    if not kept:
        raise SenderInvalid(reason=_("the key of this sender is not made here"))
    settings, name = _settings_of(sender), fields[kept]["earlier_of"]
    earlier = "" if forget else f"{settings[name]} {settings.get(kept, '')}".strip()
    fresh = {} if forget else {name: fields[name]["make"]()}
    _keep(sender, {**settings, **fresh, kept: earlier})
    audit.record_act(actor, action="delivery.sender.key", target=f"sender:{code}", details={"forgot": forget})
    return sender


def provider_of(sender: Sender) -> ChannelProvider:
    """The provider with this sender's settings.

    Raises:
        ChannelBarred: this kind of organisation may not use it, whoever set it up and when.
        SenderInvalid: its settings no longer fit.
    """
    compliance.require_channel(sender.provider)
    return _made(sender.provider, _settings_of(sender))


def _require_keeper(actor: Actor) -> None:
    """Senders hold the organisation's keys: who keeps them keeps all of them."""
    if not holds_everywhere(actor, SENDERS_MANAGE):
        raise Forbidden


def _require_outside(actor: Actor, settings: Mapping[str, Any]) -> None:
    """Nobody at the desk reaches into our own network by an address that they write down here."""
    for name, value in settings.items():
        if not actor.is_system and "://" in str(value) and not leads_outside(as_web_address(str(value))):
            raise SenderInvalid(reason=f"{name}: {value}")


def _require_keys_again(actor: Actor, sender: Sender, settings: Mapping[str, Any]) -> None:
    """Keys that are kept do not follow to an address that somebody at the desk writes down: that would show them."""
    secret = _secret_names(sender.provider)
    usual = {field.name: field.default for field in dataclasses.fields(provider_class(sender.provider).settings_schema)}
    now = {**usual, **sender.config}
    moved = any(settings[name] != now.get(name) for name in settings if name not in secret)
    kept = {name for name in secret if _settings_of(sender).get(name)} - set(settings)
    if not actor.is_system and moved and kept:
        raise SenderInvalid(reason=_("with other settings, please give its keys again"))


def _secret_names(provider: str) -> set[str]:
    return {field.name for field in dataclasses.fields(provider_class(provider).settings_schema) if is_secret(field)}


def _portfolio(code: str, per_day: int) -> Portfolio:
    found, created = Portfolio.objects.get_or_create(code=code, defaults={"per_day": per_day})
    if not created and per_day and found.per_day != per_day:
        found.per_day = per_day
        found.save(update_fields=["per_day"])
    return found


def _template(written: str) -> str:
    try:
        kit_templates.parse(written)
    except ValueError as error:
        raise SenderInvalid(reason=_("the template for kits is not understood: %(text)s") % {"text": error}) from None
    return written.strip()


def _prices(written: Mapping[str, str]) -> dict[str, str]:
    """Checked; what is left empty is not known."""
    if unknown := set(written) - set(PURPOSES):
        raise SenderInvalid(reason=f"{', '.join(sorted(unknown))}?")
    try:
        return {purpose: str(price_of(price)) for purpose, price in written.items() if price.strip()}
    except ValueError as error:
        raise SenderInvalid(
            reason=_("a price is paise as a number, such as 86.31, not %(text)s") % {"text": error}
        ) from None


def _keep(sender: Sender, settings: Mapping[str, Any]) -> None:
    """Check the settings by making a provider of them, then store them: what is secret, sealed."""
    _made(sender.provider, settings)
    secret = _secret_names(sender.provider)
    hidden = json.dumps({name: value for name, value in settings.items() if name in secret})
    sender.config = {name: value for name, value in settings.items() if name not in secret}
    sender.secrets_sealed = cipher_for(SECRETS_CONTEXT).encrypt(hidden, row=sender.pk)
    sender.save(update_fields=["config", "secrets_sealed"])


def _made_here(provider: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Keys that nobody gave and that we make ourselves (``make`` among what is said of the field)."""
    fields = dataclasses.fields(provider_class(provider).settings_schema)
    return {
        field.name: field.metadata["make"]()
        for field in fields
        if "make" in field.metadata and not settings.get(field.name)
    }


def _settings_of(sender: Sender) -> dict[str, Any]:
    hidden = cipher_for(SECRETS_CONTEXT).decrypt(bytes(sender.secrets_sealed), row=sender.pk)
    return {**sender.config, **json.loads(hidden)}


def _made(provider: str, settings: Mapping[str, Any]) -> ChannelProvider:
    kind = provider_class(provider)
    known = {field.name: field for field in dataclasses.fields(kind.settings_schema)}
    if unknown := set(settings) - set(known):
        raise SenderInvalid(reason=f"{', '.join(sorted(unknown))}?")
    missing = [
        name
        for name, field in known.items()
        if field.default is dataclasses.MISSING and not settings.get(name)
    ]  # fmt: skip
    if missing:
        raise SenderInvalid(reason=f"{', '.join(missing)} …")
    try:
        return kind(kind.settings_schema(**settings))
    except ValueError as error:
        raise SenderInvalid(reason=str(error)) from None
