"""Who did what to which thing, when and from where. Rows are added, never changed; sealing gives them their place."""

from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """``territory_id`` is the place of the thing that was done something to; None: of none in particular.

    ``position`` and ``seal`` are set once, when the entry is chained to those before it (services.sealing).
    """

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80, db_index=True)
    territory_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True)
    seal = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position"], condition=Q(position__isnull=False), name="audit_one_chain"),
            models.CheckConstraint(
                condition=Q(position__isnull=True, seal__isnull=True) | Q(position__gt=0, seal__isnull=False),
                name="audit_sealed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="audit_to_seal"),
            models.Index(fields=["actor_id", "id"], condition=Q(actor_id__isnull=False), name="audit_by_person"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["territory_id", "id"], condition=Q(territory_id__isnull=False), name="audit_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class AnchorKind(models.TextChoices):
    """Why the chain is checked from here on only."""

    PRUNED = "pruned", "pruned"
    RESTART = "restart", "restart"


class AuditAnchor(models.Model):
    """A link that stands for everything before it: old entries were removed, or cannot be checked any more.

    ``signature`` is ours over all fields (services.reading.anchor_text).
    """

    kind = models.CharField(max_length=10, choices=AnchorKind.choices)
    position = models.BigIntegerField()
    seal = models.BinaryField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.kind} {self.position}"
