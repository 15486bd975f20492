"""Tables of assisted enrolment, by room."""

from toli.enrolment.models.applications import Application, Device, State

__all__ = ["Application", "Device", "State"]
