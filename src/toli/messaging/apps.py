from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "toli.messaging"
    label = "messaging"

    def ready(self) -> None:
        from toli.messaging import handlers

        handlers.connect()
