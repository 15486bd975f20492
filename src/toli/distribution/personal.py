"""Material goes to groups, carried by staff."""

from toli.core.personal_data import free, free_text

free(
    distribution_distribution="which kit goes where, and who of the staff sent it",
    distribution_plan="which kit will go where, and who of the staff planned it",
    distribution_plan_territories="places",
    distribution_planbatch="which messages belong to which plan",
    distribution_relay="which kit was posted into which group, and who of the staff confirmed it",
    distribution_relayasking="who of the staff was asked",
    distribution_recall="which kit was taken back by whom of the staff",
    distribution_recallplace="who of the staff was asked to delete a post",
)
free_text("distribution_recallplace.reason")
