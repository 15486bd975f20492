from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "toli.sharing"
    label = "sharing"
