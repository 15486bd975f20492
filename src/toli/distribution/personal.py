"""Material goes to groups, carried by staff."""

from toli.core.personal_data import free

free(
    distribution_distribution="which kit goes where, and who of the staff sent it",
    distribution_relay="which kit was posted into which group, and who of the staff confirmed it",
)
