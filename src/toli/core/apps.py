from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "toli.core"
    label = "core"

    def ready(self) -> None:
        from toli.core import forking, keeping, wall

        forking.install()
        autodiscover_modules("walls")
        autodiscover_modules("personal")
        autodiscover_modules("retention")
        keeping.check()
        post_migrate.connect(wall.build, sender=self)
