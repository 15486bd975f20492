"""What members and citizens agreed to."""

from django.db import models

from toli.members.domain.purposes import CHANNELS, PAGES, PURPOSES, RECOGNITION
from toli.members.models.citizens import Citizen
from toli.members.models.people import Member


class ConsentRecord(models.Model):
    """One word of consent or withdrawal, for one purpose and channel, with its evidence: a member's or a citizen's.

    Rows are added, never changed: the database refuses it (core/append_only.py). The latest one counts.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="consents")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, null=True, related_name="consents")
    purpose = models.CharField(max_length=20, choices=[(item, item) for item in (*PURPOSES, RECOGNITION)])
    channel = models.CharField(max_length=10, choices=[(item, item) for item in (*CHANNELS, PAGES)])
    given = models.BooleanField()
    notice_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(member__isnull=False, citizen__isnull=True)
                | models.Q(member__isnull=True, citizen__isnull=False),
                name="consent_of_one_person",
            )
        ]
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{'gave' if self.given else 'withdrew'} {self.purpose} by {self.channel}"
