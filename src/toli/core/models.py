"""Events waiting to be told to those who listen, and counters of tries."""

from django.db import models


class EventRecord(models.Model):
    """One fact, stored in the transaction that made it true and delivered by a job afterwards."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="event_undelivered", condition=models.Q(delivered_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class LimitCounter(models.Model):
    """Tries of one limit and key (a keyed hash) in the window that ends at ``ends_at``. See core.limits."""

    key = models.BinaryField(primary_key=True)
    name = models.CharField(max_length=60)
    hits = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.hits}"
