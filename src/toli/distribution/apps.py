from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "toli.distribution"
    label = "distribution"
