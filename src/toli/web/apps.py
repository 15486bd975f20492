from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "toli.web"
    label = "web"
