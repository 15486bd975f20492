"""The beginning of a wave: its groups are asked for."""

from datetime import timedelta

from toli.accounts.domain.actor import Actor
from toli.chatgroups.models import Migration, Wave, WaveState
from toli.chatgroups.services.opening import GroupOrder, ask_for_groups, coordinators
from toli.core import clock


def open_wave(actor: Actor, migration: Migration, wave: Wave) -> None:
    """Ask the people named in the plan for the groups of the wave, in the caller's transaction.

    Somebody who has given up the role since is not asked; the next one is. Raises NoCoordinator.
    """
    rows = list(wave.planned.filter(is_new=True, group=None).select_related("territory", "predecessor"))
    still = {person for people in coordinators(migration.campaign).values() for person in people}
    orders = [
        GroupOrder(
            row.territory,
            tuple(row.serves),
            row.predecessor,
            row.label,
            admin_id=row.admin_id if row.admin_id in still else None,
        )
        for row in rows
    ]
    groups = ask_for_groups(actor=actor, campaign=migration.campaign, orders=orders) if orders else []
    for row, group in zip(rows, groups, strict=True):
        row.group = group
        row.save(update_fields=["group"])
    wave.state, wave.opened_at = WaveState.RUNNING, clock.now()
    wave.due_at = wave.opened_at + timedelta(days=migration.days)
    wave.save(update_fields=["state", "opened_at", "due_at"])
