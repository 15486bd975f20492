"""Which channels an organisation of a kind may use at all.

Meta bars politicians, parties, candidates and campaigns from the WhatsApp Business Platform (WhatsApp
Business Messaging Policy); unions, co-operatives and NGOs may use it with opt-in. Ordinary WhatsApp
groups are run by people, for every kind of organisation.
"""

POLITICAL = "political"
WHATSAPP_CLOUD = "whatsapp_cloud"


def why_barred(organisation_kind: str, provider_key: str) -> str | None:
    """The reason (an English message id) why this kind may not use the provider; None if it may."""
    if organisation_kind == POLITICAL and provider_key == WHATSAPP_CLOUD:
        return (
            "Meta's Business Messaging Policy bars political organisations from the WhatsApp Business "
            "Platform. People-run WhatsApp groups remain possible."
        )
    return None
