"""Places are not people."""

from toli.core.personal_data import free

free(
    territories_tree="public facts",
    territories_level="public facts",
    territories_territory="public facts",
    territories_node="public facts",
)
