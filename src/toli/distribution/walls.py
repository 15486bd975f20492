"""A relay follows the group that it leads into."""

from toli.core.wall import Rule, leave_open, parent, protect

leave_open(
    distribution_distribution="which kit goes to which territory",
    distribution_plan="which kit will go to which territories",
    distribution_plan_territories="which kit will go to which territories",
    distribution_recall="which kit was recalled, and counts",
)
protect("distribution_relay", Rule(parent("chatgroups_chatgroup", "distribution_relay.group_id")))
protect("distribution_planbatch", Rule(parent("messaging_batch", "distribution_planbatch.batch_id")))
protect("distribution_relayasking", Rule(parent("distribution_relay", "distribution_relayasking.relay_id")))
protect("distribution_recallplace", Rule(parent("distribution_relay", "distribution_recallplace.relay_id")))
