from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    name = "toli.enrolment"
    label = "enrolment"
