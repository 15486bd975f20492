"""Describing the organisation, and asking whether it may use a channel."""

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
