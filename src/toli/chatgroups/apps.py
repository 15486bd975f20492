from django.apps import AppConfig


class ChatgroupsConfig(AppConfig):
    name = "toli.chatgroups"
    label = "chatgroups"

    def ready(self) -> None:
        from toli.chatgroups import handlers

        handlers.connect()
