"""A division carried out in waves: planned, approved, tended, paused, rolled back."""

from toli.chatgroups.services.waves.announcing import confirm_closed, confirm_posted, confirm_removed, confirm_spoken
from toli.chatgroups.services.waves.approving import approve_migration, drop_migration, may_decide_alone
from toli.chatgroups.services.waves.planning import (
    MigrationPreview,
    WavePreview,
    plan_migration,
    preview_migration,
)
from toli.chatgroups.services.waves.tending import pause_migration, resume_migration, tend_migrations
from toli.chatgroups.services.waves.undoing import roll_back_migration

__all__ = [
    "MigrationPreview",
    "WavePreview",
    "approve_migration",
    "confirm_closed",
    "confirm_posted",
    "confirm_removed",
    "confirm_spoken",
    "drop_migration",
    "may_decide_alone",
    "pause_migration",
    "plan_migration",
    "preview_migration",
    "resume_migration",
    "roll_back_migration",
    "tend_migrations",
]
