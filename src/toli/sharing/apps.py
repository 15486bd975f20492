from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "toli.sharing"
    label = "sharing"

    def ready(self) -> None:
        from toli.sharing import handlers

        handlers.connect()
