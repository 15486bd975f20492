from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "toli.compliance"
    label = "compliance"
