from django.db import migrations


class Migration(migrations.Migration):
    """Each index gets the version of its key in front. Codes that are open at that moment stop working."""

    dependencies = [("accounts", "0004_factors_reset")]

    operations = [
        migrations.RunSQL(
            "UPDATE accounts_onetimecode SET address_index = '\\x01'::bytea || address_index WHERE length(address_index) = 16",
            "UPDATE accounts_onetimecode SET address_index = substr(address_index, 2) WHERE length(address_index) = 17",
        ),
    ]
