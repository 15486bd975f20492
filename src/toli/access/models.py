"""Roles are data: a set of permissions that a person holds on a territory for a time."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from toli.territories.models import Territory


class Role(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name_en = models.CharField(max_length=80)
    name_hi = models.CharField(max_length=80, blank=True)
    permissions = ArrayField(models.CharField(max_length=60))

    def __str__(self) -> str:
        return self.code


class RoleAssignment(models.Model):
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="grants"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "territory"],
                condition=Q(valid_to__isnull=True),
                name="one_open_assignment",
            )
        ]
        indexes = [models.Index(fields=["territory", "role"], name="assignment_by_place")]

    def __str__(self) -> str:
        return f"{self.account_id} as {self.role_id} on {self.territory_id}"
