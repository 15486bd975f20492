from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "toli.access"
    label = "access"
