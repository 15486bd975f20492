import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chatgroups", "0005_registry"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seat",
            name="campaign",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="chatgroups.campaign"
            ),
        ),
        migrations.AlterField(
            model_name="seat",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seats",
                to="chatgroups.chatgroup",
            ),
        ),
    ]
