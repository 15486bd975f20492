"""The chain is kept by the database itself: triggers refuse everything but adding, and sealing once.

They hold for the owner of the tables as well, and whatever ``session_replication_role`` says (ENABLE ALWAYS).
Old entries can be removed only where a recorded anchor covers them (services/pruning.py).
"""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail (%) is added to, never changed', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.position IS NOT NULL
     AND EXISTS (SELECT 1 FROM audit_auditanchor a WHERE a.kind = 'pruned' AND a.position >= OLD.position) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'this entry of the audit trail is not covered by an anchor' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_seal_once BEFORE UPDATE ON audit_auditentry FOR EACH ROW
  WHEN (OLD.position IS NOT NULL OR OLD.seal IS NOT NULL OR NEW.position IS NULL
        OR (OLD.id, OLD.at, OLD.actor_kind, OLD.actor_id, OLD.address, OLD.action, OLD.target, OLD.territory_id,
            OLD.details)
        IS DISTINCT FROM
           (NEW.id, NEW.at, NEW.actor_kind, NEW.actor_id, NEW.address, NEW.action, NEW.target, NEW.territory_id,
            NEW.details))
  EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_auditanchor FOR EACH ROW
  EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditanchor EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_seal_once;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_delete;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_truncate;
ALTER TABLE audit_auditanchor ENABLE ALWAYS TRIGGER audit_no_change;
ALTER TABLE audit_auditanchor ENABLE ALWAYS TRIGGER audit_no_truncate;
"""
UNGUARD = """
DROP TRIGGER audit_seal_once ON audit_auditentry;
DROP TRIGGER audit_no_delete ON audit_auditentry;
DROP TRIGGER audit_no_truncate ON audit_auditentry;
DROP TRIGGER audit_no_change ON audit_auditanchor;
DROP TRIGGER audit_no_truncate ON audit_auditanchor;
DROP FUNCTION audit_keep();
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_places_and_seals")]

    operations = [
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("pruned", "pruned"), ("restart", "restart")], max_length=10)),
                ("position", models.BigIntegerField()),
                ("seal", models.BinaryField()),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
