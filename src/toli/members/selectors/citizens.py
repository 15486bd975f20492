"""Citizens who agreed to hear from the organisation: how many, never who."""

from toli.access.domain.scope import Scope, scope_of
from toli.members.models import Citizen
from toli.territories import selectors as territories
from toli.territories.models import Territory


def count_citizens(scope: Scope, territory: Territory) -> int:
    """In how many cases a yes stands in the branch. Raises TerritoryNotFound where the scope does not reach."""
    path = territories.path_of(territories.get_by_id(scope, territory.pk).pk)
    return Citizen.objects.within(scope_of([path])).agreed().count()
