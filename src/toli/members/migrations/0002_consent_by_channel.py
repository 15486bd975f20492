"""Consent is kept for each channel, and the database itself refuses to change it afterwards."""

from django.db import migrations, models

from toli.core import append_only

TABLE = "members_consentrecord"
# A word from before covered what the notice of that time named (see members/domain/purposes.py).
SPREAD = """
INSERT INTO members_consentrecord (member_id, purpose, channel, given, notice_version, language, evidence, at)
SELECT member_id, purpose, covered.channel, given, notice_version, language, evidence, at
FROM members_consentrecord
CROSS JOIN (VALUES ('whatsapp', false), ('telegram', true), ('call', true)) AS covered (channel, membership_only)
WHERE NOT covered.membership_only OR purpose = 'membership' OR NOT given
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='consentrecord',
            name='channel',
            field=models.CharField(choices=[('sms', 'sms'), ('whatsapp', 'whatsapp'), ('telegram', 'telegram'), ('call', 'call')], default='sms', max_length=10),
            preserve_default=False,
        ),
        migrations.RunSQL(SPREAD, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name='consentrecord',
            name='consent_latest',
        ),
        migrations.AddIndex(
            model_name='consentrecord',
            index=models.Index(fields=['member', 'purpose', 'channel', '-at'], name='consent_latest'),
        ),
        migrations.RunSQL(append_only.guard(TABLE), append_only.unguard(TABLE)),
    ]
