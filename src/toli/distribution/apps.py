from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "toli.distribution"
    label = "distribution"

    def ready(self) -> None:
        from toli.distribution import handlers, ports
        from toli.distribution.messages import QueuedMessages

        handlers.connect()
        ports.register(QueuedMessages())
