from django.db import migrations

ASKED = """
UPDATE distribution_relay relay SET asked_id = grp.admin_id, due_at = now() + interval '6 hours'
FROM chatgroups_chatgroup grp WHERE grp.id = relay.group_id AND relay.state = 'waiting'
"""


class Migration(migrations.Migration):
    """Posts that waited before somebody could be asked in turn: their admins are asked."""

    dependencies = [("distribution", "0002_plans_and_recalls")]
    operations = [migrations.RunSQL(ASKED, migrations.RunSQL.noop)]
