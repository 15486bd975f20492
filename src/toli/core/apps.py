from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "toli.core"
    label = "core"
