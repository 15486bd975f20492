"""What a named person is asked to do by hand, until when, and what they answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from toli.territories.models import Territory


class AssignmentKind(models.TextChoices):
    CREATE_GROUP = "create_group"
    RELAY_KIT = "relay_kit"
    ANNOUNCE_DIVISION = "announce_division"
    CLOSE_GROUP = "close_group"
    REMOVE_GROUP = "remove_group"
    LATE_WAVE = "late_wave"
    CHANGE_LINK = "change_link"
    PEOPLE_WAITING = "people_waiting"
    DIVIDE_GROUP = "divide_group"
    HAND_OVER = "hand_over"
    SECOND_ADMIN = "second_admin"
    DELETE_POST = "delete_post"


class AssignmentState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Assignment(models.Model):
    """``subject`` names the thing it is about (``chatgroup:12``); one open assignment each."""

    kind = models.CharField(max_length=20, choices=AssignmentKind)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="work")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    subject = models.CharField(max_length=60, db_collation="C")
    details = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=AssignmentState, default=AssignmentState.OPEN)
    # Who was asked before somebody took it over, and when.
    taken_from = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="open"), name="one_open_assignment_per_subject"
            )
        ]
        indexes = [
            models.Index(fields=["assignee", "state", "due_at"], name="work_queue"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="work_late"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
