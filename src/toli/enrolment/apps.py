from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    name = "toli.enrolment"
    label = "enrolment"

    def ready(self) -> None:
        from toli.enrolment import handlers

        handlers.connect()
