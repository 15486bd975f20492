from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "toli.content"
    label = "content"
