"""Links and posters follow the members who share them; opens and conversions follow the links."""

from toli.core.wall import Rule, parent, protect, territory

protect("sharing_sharelink", Rule(parent("members_member", "sharing_sharelink.member_id")))
protect("sharing_posterchoice", Rule(parent("members_member", "sharing_posterchoice.member_id")))
protect("sharing_linkopen", Rule(parent("sharing_sharelink", "sharing_linkopen.link_id")))
protect("sharing_conversion", Rule(parent("sharing_sharelink", "sharing_conversion.link_id")))
protect("sharing_ownlink", Rule(territory("sharing_ownlink.territory_id")))
protect("sharing_ownlinkopen", Rule(parent("sharing_ownlink", "sharing_ownlinkopen.link_id")))
protect("sharing_ownconversion", Rule(parent("sharing_ownlink", "sharing_ownconversion.link_id")))
protect("sharing_reach", Rule(parent("members_member", "sharing_reach.member_id")))
