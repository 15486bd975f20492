"""Tables of assisted enrolment and of what is checked about it, by room."""

from toli.enrolment.models.applications import Application, Device, State
from toli.enrolment.models.calls import CallLine, CallSample, Outcome
from toli.enrolment.models.guarding import Arrival, Case, CaseKind, CaseState, CaseStep, HeldMember, HeldState, Holds
from toli.enrolment.models.wishes import Wish, WishKind, WishState

__all__ = [
    "Application", "Arrival", "CallLine", "CallSample", "Case", "CaseKind", "CaseState", "CaseStep", "Device",
    "HeldMember", "HeldState", "Holds", "Outcome", "State", "Wish", "WishKind", "WishState",
]  # fmt: skip
