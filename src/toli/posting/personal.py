"""Places and posts are the organisation's own; of people there is only staff."""

from toli.core.personal_data import free

free(
    posting_place="the organisation's own accounts, and who of the staff looks after them",
    posting_post="what the organisation published where, who of the staff tried an account or is asked to delete",
)
