from django.db import migrations
from django.db.migrations.state import StateApps


def clear(apps: StateApps, schema_editor: object) -> None:
    """Kits that may go out already are known to the law engine."""
    clearance = apps.get_model("compliance", "KitClearance")
    found = apps.get_model("content", "Kit").objects.filter(state__in=["approved", "live", "withdrawn"])
    clearance.objects.bulk_create(
        [
            clearance(
                kit_id=kit.pk,
                certificate_number=kit.certificate_number,
                valid_from=kit.valid_from,
                valid_until=kit.valid_until,
                withdrawn=kit.state == "withdrawn",
            )
            for kit in found
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("content", "0002_kit_pictures"), ("compliance", "0002_elections_and_rules")]
    operations = [migrations.RunPython(clear, migrations.RunPython.noop)]
