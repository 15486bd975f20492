"""People whom coordinators write down: phones, entries from them, the question to the person, the answer, the end."""

from toli.enrolment.services.applications.answering import (
    Choice,
    Invitation,
    confirm_invitation,
    find_invitation,
    invitation_path,
    refuse_invitation,
)
from toli.enrolment.services.applications.checking import hold_when
from toli.enrolment.services.applications.devices import end_device, register_device
from toli.enrolment.services.applications.ending import (
    expire_applications,
    forget_applications,
    withdraw_application,
)
from toli.enrolment.services.applications.inviting import TEXT_KIND, invitation_text, send_invitations
from toli.enrolment.services.applications.numbers import shown_number
from toli.enrolment.services.applications.receiving import Answer, Result, receive_records

__all__ = [
    "TEXT_KIND",
    "Answer",
    "Choice",
    "Invitation",
    "Result",
    "confirm_invitation",
    "end_device",
    "expire_applications",
    "find_invitation",
    "forget_applications",
    "hold_when",
    "invitation_path",
    "invitation_text",
    "receive_records",
    "refuse_invitation",
    "register_device",
    "send_invitations",
    "shown_number",
    "withdraw_application",
]
