"""Roles are given to staff; should a member's account hold one, it goes with the account."""

from django.utils.translation import gettext_lazy as _

from toli.access.models import RoleAssignment
from toli.core.personal_data import Holding, Person, Row, free, register


def _export(person: Person) -> list[Row]:
    found = RoleAssignment.objects.filter(account_id=person.account_id).select_related("role", "territory")
    return [{"role": row.role.code, "territory": row.territory.code, "from": row.valid_from} for row in found]


register(
    Holding(
        key="access.roles",
        label=_("Roles"),
        tables=("access_roleassignment",),
        count=lambda person: RoleAssignment.objects.filter(account_id=person.account_id).count(),
        erase=lambda person: RoleAssignment.objects.filter(account_id=person.account_id).delete()[0],
        export=_export,
        fields={"role": _("Role"), "territory": _("Territory"), "from": _("Since")},
    )
)
free(access_role="sets of permissions")
