from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "toli.cards"
    label = "cards"

    def ready(self) -> None:
        from toli.cards import handlers

        handlers.connect()
