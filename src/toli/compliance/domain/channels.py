"""Which channels an organisation of a kind may use at all.

Meta bars politicians, parties, candidates and campaigns from the WhatsApp Business Platform (WhatsApp
Business Messaging Policy); unions, co-operatives and NGOs may use it with opt-in. Ordinary WhatsApp
groups are run by people, for every kind of organisation.
"""

from enum import StrEnum

POLITICAL = "political"
WHATSAPP_CLOUD = "whatsapp_cloud"
ASSISTED = "assisted"  # a named person carries it into the group
SMS = "sms"


class Bar(StrEnum):
    """Why a channel may not be used."""

    META_POLITICAL = "meta_political"


def why_barred(organisation_kind: str, provider_key: str) -> Bar | None:
    """The rule that keeps this kind of organisation from using the provider; None if none does."""
    if organisation_kind == POLITICAL and provider_key == WHATSAPP_CLOUD:
        return Bar.META_POLITICAL
    return None
