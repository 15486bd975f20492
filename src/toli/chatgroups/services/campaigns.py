"""Campaigns and their permanent join links."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain import naming
from toli.chatgroups.domain.kinds import most_people, usual_kind
from toli.chatgroups.domain.planning import Limits
from toli.chatgroups.errors import CampaignExists, CampaignInvalid, CampaignNotFound, TextsInvalid
from toli.chatgroups.models import Campaign, JoinLink
from toli.chatgroups.providers import get_provider
from toli.compliance.services import require_channel
from toli.core.domain import base32
from toli.territories import selectors as territories
from toli.territories.models import Territory

MOST_SIGNS = {"name": 80, "description": 500, "rules": 800}  # of a text; the columns are as wide
PATTERN = "{campaign} · {territory} · {number}"


@transaction.atomic
def create_campaign(
    *,
    actor: Actor,
    code: str,
    name_en: str,
    name_hi: str,
    platform: str,
    provider: str,
    territory_code: str,
    capacity: int = 1024,
    target_size: int = 900,
    minimum_size: int | None = None,
    community_limit: int = 50,
    naming_pattern: str = PATTERN,
) -> Campaign:
    """A theme that runs through all groups of a territory. Without ``minimum_size`` it is a tenth of the target.

    Raises:
        CampaignExists. CampaignInvalid: sizes, pattern or platform cannot work. ChannelBarred: this kind
        of organisation may not use the provider. TerritoryNotFound.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_MANAGE), territory_code)
    require_channel(provider)
    if platform not in get_provider(provider).platforms:
        raise CampaignInvalid(reason=f"{provider}: {platform}")
    most = most_people(usual_kind(platform), settings.TOLI_GROUP_LIMITS) or capacity
    if not 2 <= target_size <= capacity <= most:
        raise CampaignInvalid(reason=f"2 ≤ {target_size} ≤ {capacity} ≤ {most}")
    minimum = max(1, target_size // 10) if minimum_size is None else minimum_size
    try:
        Limits(capacity, target_size, minimum, community_limit)
    except ValueError as error:
        raise CampaignInvalid(reason=str(error)) from None
    _check_pattern(naming_pattern)
    if Campaign.objects.filter(code=code).exists():
        raise CampaignExists(campaign=code)
    campaign = Campaign.objects.create(
        code=code,
        name_en=name_en,
        name_hi=name_hi,
        platform=platform,
        provider=provider,
        naming_pattern=naming_pattern,
        capacity=capacity,
        target_size=target_size,
        minimum_size=minimum,
        community_limit=community_limit,
        territory=territory,
    )
    audit.record_act(
        actor,
        action="chatgroups.campaign",
        target=f"campaign:{campaign.pk}",
        territory_id=territory.pk,
    )
    return campaign


@transaction.atomic
def describe_campaign(
    *, actor: Actor, campaign_code: str, naming_pattern: str | None = None, **texts: str | None
) -> Campaign:
    """Change the campaign's names and what is pasted into its groups; what is None stays. Groups keep their names.

    ``texts``: ``name``, ``description`` and ``rules``, each with ``_en`` and ``_hi``. An empty description or rules:
    what Toli brings along is pasted.

    Raises:
        CampaignNotFound: there is none that lies in the actor's area with the whole of its territory.
        CampaignInvalid: a name is missing, a text too long, or the pattern broken. TextsInvalid: stray brackets.
    """
    campaign = selectors.get_campaign(campaign_code)
    if not scope_for(actor, GROUPS_MANAGE).covers(territories.path_of(campaign.territory_id)):
        raise CampaignNotFound(campaign=campaign_code)
    changes = {field: text.strip() for field, text in texts.items() if text is not None}
    _check_texts(changes)
    if naming_pattern is not None:
        _check_pattern(naming_pattern)
        changes["naming_pattern"] = naming_pattern
    changed = sorted(field for field, text in changes.items() if getattr(campaign, field) != text)
    if changed:
        for field in changed:
            setattr(campaign, field, changes[field])
        campaign.save(update_fields=changed)
        audit.record_act(
            actor,
            action="chatgroups.describe",
            target=f"campaign:{campaign.pk}",
            territory_id=campaign.territory_id,
            details={"changed": changed},
        )
    return campaign


def _check_pattern(pattern: str) -> None:
    try:
        naming.check_pattern(pattern)
    except ValueError as error:
        raise CampaignInvalid(reason=str(error)) from None


def _check_texts(texts: Mapping[str, str]) -> None:
    for field, text in texts.items():
        most = MOST_SIGNS[field.rpartition("_")[0]]
        if not (1 if field.startswith("name") else 0) <= len(text) <= most:
            raise CampaignInvalid(reason=f"{field}: {len(text)} ≤ {most}")
        stray = naming.stray_field(text, allowed=field.startswith("description"))
        if stray is not None:
            raise TextsInvalid(found=stray)


@transaction.atomic
def join_link(*, actor: Actor, campaign_code: str, territory_code: str) -> JoinLink:
    """The permanent link of a territory, made on first use. Raises TerritoryNotFound, CampaignNotFound."""
    territory = territories.get_territory(scope_for(actor, GROUPS_MANAGE), territory_code)
    return ensure_join_link(selectors.get_campaign(campaign_code), territory)


def ensure_join_link(campaign: Campaign, territory: Territory) -> JoinLink:
    """The permanent link of a territory, made on first use."""
    link, _created = JoinLink.objects.get_or_create(
        campaign=campaign,
        territory=territory,
        defaults={"code": base32.with_checksum(base32.random_code(6)).lower()},
    )
    return link
