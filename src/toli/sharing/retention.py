"""Opens of links become counts; links and who came by them go with the membership."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="sharing.opens",
        label=_("Who opened a link, as a hash of the day"),
        tables=("sharing_linkopen",),
        days=90,
        least=30,
        most=365,
        since=_("since the day"),
        why=_("So that nobody is counted twice. How often a link was opened stays."),
        after=After.COUNTED,
        store=Rows("sharing_linkopen", "day"),
    )
)
register(
    Term(
        key="sharing.own_opens",
        label=_("Who opened a link of the organisation, as a hash of the day"),
        tables=("sharing_ownlinkopen",),
        days=90,
        least=30,
        most=365,
        since=_("since the day"),
        why=_("So that nobody is counted twice. How often a link was opened stays."),
        after=After.COUNTED,
        store=Rows("sharing_ownlinkopen", "day"),
    )
)
register(
    Term(
        key="sharing.chains",
        label=_("Who came by whose link"),
        tables=("sharing_conversion",),
        days=180,
        least=30,
        most=730,
        since=_("since they joined"),
        why=_("So that whoever brought somebody is credited for those whom they bring in turn. The counts stay."),
        after=After.COUNTED,
        store=Rows("sharing_conversion", "at"),
    )
)
register(
    Term(
        key="sharing.own_joins",
        label=_("Who came by a link of the organisation"),
        tables=("sharing_ownconversion",),
        days=180,
        least=30,
        most=730,
        since=_("since they joined"),
        why=_("So that nobody is counted twice. How many joined by a link stays."),
        after=After.COUNTED,
        store=Rows("sharing_ownconversion", "at"),
    )
)
stays(
    "sharing_posterchoice",
    what=_("What stands on a member's posters"),
    until=_("as long as the membership"),
    why=_("The member's own wish; erased with the membership. Posters themselves are not kept."),
)
stays(
    "sharing_sharelink",
    "sharing_reach",
    what=_("Links you passed on"),
    until=_("as long as the membership"),
    why=_("The member's own; erased with the membership."),
)
