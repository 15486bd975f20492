"""Tables of assisted enrolment and of what is checked about it, by room."""

from toli.enrolment.models.applications import Application, Device, State
from toli.enrolment.models.guarding import Arrival, Case, CaseKind, CaseState, CaseStep, HeldMember, HeldState, Holds

__all__ = [
    "Application", "Arrival", "Case", "CaseKind", "CaseState", "CaseStep", "Device", "HeldMember", "HeldState", "Holds",
    "State",
]  # fmt: skip
