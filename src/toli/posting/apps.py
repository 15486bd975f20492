from django.apps import AppConfig


class PostingConfig(AppConfig):
    name = "toli.posting"
    label = "posting"

    def ready(self) -> None:
        from toli.distribution import ports
        from toli.messaging.ports import register_queue
        from toli.posting import handlers
        from toli.posting.services.planned import PostingChannels
        from toli.posting.services.taking_back import OwnPosts, QueuedPosts

        handlers.connect()
        ports.register(OwnPosts())
        register_queue(QueuedPosts())
        ports.register_channels(PostingChannels())
