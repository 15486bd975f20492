from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "toli.cards"
    label = "cards"
