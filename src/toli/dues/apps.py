from django.apps import AppConfig


class DuesConfig(AppConfig):
    name = "toli.dues"
    label = "dues"

    def ready(self) -> None:
        from toli.dues import handlers

        handlers.connect()
