"""What the law engine knows about a kit: told by whoever approves, changes or withdraws it."""

from datetime import datetime

from toli.compliance.models import KitClearance


def clear_kit(*, kit_id: int, certificate_number: str, valid_from: datetime, valid_until: datetime) -> None:
    """The kit may go out from now on, while it is valid. Safe to repeat."""
    KitClearance.objects.update_or_create(
        kit_id=kit_id,
        defaults={
            "certificate_number": certificate_number,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "withdrawn": False,
        },
    )


def withdraw_clearance(*, kit_id: int) -> None:
    """Nothing of the kit is sent any more. Safe to repeat."""
    KitClearance.objects.filter(kit_id=kit_id).update(withdrawn=True)
