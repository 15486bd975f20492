from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "toli.audit"
    label = "audit"
