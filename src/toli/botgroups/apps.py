from django.apps import AppConfig


class BotgroupsConfig(AppConfig):
    name = "toli.botgroups"
    label = "botgroups"

    def ready(self) -> None:
        from toli.botgroups import handlers

        handlers.connect()
