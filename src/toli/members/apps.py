from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "toli.members"
    label = "members"
