from django.apps import AppConfig


class RollsConfig(AppConfig):
    name = "toli.rolls"
    label = "rolls"
