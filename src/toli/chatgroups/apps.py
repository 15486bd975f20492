from django.apps import AppConfig


class ChatgroupsConfig(AppConfig):
    name = "toli.chatgroups"
    label = "chatgroups"
