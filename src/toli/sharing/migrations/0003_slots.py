from django.db import migrations, models

SLOT_NOW = "mod(extract(epoch from now())::bigint / 600, 144)::smallint"


class Migration(migrations.Migration):
    """In two steps: of the opens that are there already nobody knows when in the day they were."""

    dependencies = [
        ("sharing", "0002_attribution"),
    ]

    operations = [
        migrations.AddField("linkopen", "slot", models.SmallIntegerField(null=True)),
        migrations.AlterField("linkopen", "slot", models.SmallIntegerField(null=True, db_default=models.Func(template=SLOT_NOW))),
    ]
