from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "toli.territories"
    label = "territories"
