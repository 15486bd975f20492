"""Who looked at a member's number."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.models import Role
from toli.members.models.people import Member


class RevealReason(models.TextChoices):
    CALL_BACK = "call_back", _("The member asked to be called")
    GROUP = "group", _("Help with the group or the card")
    CORRECT = "correct", _("Correcting the member's data")
    EMERGENCY = "emergency", _("Emergency")
    SAMPLE = "sample", _("Drawn by lot to be asked whether they wanted to join")
    OTHER = "other", _("Another reason")


class Reveal(models.Model):
    """Somebody looked at a member's full number: who, in which role, when, why. Rows are added, never changed."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reveals")
    reason = models.CharField(max_length=20, choices=RevealReason)
    note = models.CharField(max_length=200)
    at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="reveals_of_person")]

    def __str__(self) -> str:
        return f"reveal of member {self.member_id}"
