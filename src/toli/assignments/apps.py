from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "toli.assignments"
    label = "assignments"
