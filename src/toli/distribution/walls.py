"""A relay follows the group that it leads into."""

from toli.core.wall import Rule, leave_open, parent, protect

leave_open(distribution_distribution="which kit goes to which territory")
protect("distribution_relay", Rule(parent("chatgroups_chatgroup", "distribution_relay.group_id")))
