"""Posts are what programs put into the organisation's own places; messages to members are queued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("distribution", "0004_direct_messages")]

    operations = [
        migrations.RemoveIndex("plan", "plan_to_post"),
        migrations.RenameField("plan", "posted_at", "queued_at"),
        migrations.RenameField("plan", "posted_to", "queued_to"),
        migrations.AddIndex(
            "plan",
            models.Index(
                condition=models.Q(queued_at__isnull=True, state="started"), fields=["id"], name="plan_to_queue"
            ),
        ),
    ]
