from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "toli.rights"
    label = "rights"
