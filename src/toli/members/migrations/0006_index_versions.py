from django.db import migrations


class Migration(migrations.Migration):
    """Each index gets the version of its key in front: so far there was one."""

    dependencies = [("members", "0005_import_mapping")]

    operations = [
        migrations.RunSQL(
            "UPDATE members_contactpoint SET value_index = '\\x01'::bytea || value_index WHERE length(value_index) = 16",
            "UPDATE members_contactpoint SET value_index = substr(value_index, 2) WHERE length(value_index) = 17",
        ),
    ]
