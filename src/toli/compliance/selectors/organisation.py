"""Reads about the organisation itself."""

from toli.compliance.models import Organisation
from toli.core.errors import Unavailable


def find_organisation() -> Organisation | None:
    """The organisation that runs this installation, or None before it has been set up."""
    return Organisation.objects.first()


def get_organisation() -> Organisation:
    """The organisation. Raises Unavailable before `toli organisation set` has been run."""
    organisation = find_organisation()
    if organisation is None:
        raise Unavailable
    return organisation
