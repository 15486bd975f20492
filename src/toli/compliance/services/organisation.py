"""Describing the organisation, its own rules, and asking whether it may use a channel."""

from datetime import time

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import selectors
from toli.compliance.domain.channels import why_barred
from toli.compliance.errors import ChannelBarred, OrganisationKindUnknown
from toli.compliance.models import Organisation, OrganisationKind
from toli.core.errors import Forbidden


@transaction.atomic
def set_organisation(
    *,
    actor: Actor,
    kind: str,
    name_en: str,
    name_hi: str,
    imprint_en: str,
    imprint_hi: str,
    privacy_contact: str,
) -> Organisation:
    """Say who runs this installation. Only the operator may (the system actor).

    Raises:
        OrganisationKindUnknown: ``kind`` is none of OrganisationKind.
    """
    if not actor.is_system:
        raise Forbidden
    if kind not in OrganisationKind.values:
        raise OrganisationKindUnknown(kind=kind, kinds=", ".join(OrganisationKind.values))
    fields = {
        "kind": kind,
        "name_en": name_en,
        "name_hi": name_hi,
        "imprint_en": imprint_en,
        "imprint_hi": imprint_hi,
        "privacy_contact": privacy_contact,
    }
    organisation, _created = Organisation.objects.update_or_create(pk=1, defaults=fields)
    audit.record_act(actor, action="organisation.set", target="organisation:1")
    return organisation


def require_channel(provider_key: str) -> None:
    """Refuse a provider that this kind of organisation may not use.

    Raises:
        ChannelBarred: the message names the rule and where it stands.
    """
    if why_barred(selectors.get_organisation().kind, provider_key) is not None:
        raise ChannelBarred


@transaction.atomic
def set_rules(
    *,
    actor: Actor,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    two_people: bool | None = None,
    sms_templates_needed: bool | None = None,
) -> Organisation:
    """Change the organisation's own rules; what is not named stays. Only the operator may.

    Raises:
        Unavailable: no organisation has been described yet. Forbidden.
    """
    if not actor.is_system:
        raise Forbidden
    organisation = selectors.get_organisation()
    wanted = {
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "two_people": two_people,
        "sms_templates_needed": sms_templates_needed,
    }
    changed = {name: value for name, value in wanted.items() if value is not None}
    for name, value in changed.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=list(changed))
    details = {name: str(value) for name, value in changed.items()}
    audit.record_act(actor, action="organisation.rules", target="organisation:1", details=details)
    return organisation
