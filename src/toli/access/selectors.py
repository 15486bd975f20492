"""Reads about roles."""

from django.db.models import Q, QuerySet

from toli.access.models import RoleAssignment
from toli.core import clock


def assignments() -> QuerySet[RoleAssignment]:
    """All assignments that count today, for the operator."""
    today = clock.today()
    return (
        RoleAssignment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today)
        .select_related("account", "role", "territory")
        .order_by("territory__code", "role__code", "pk")
    )
