from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "toli.analytics"
    label = "analytics"
