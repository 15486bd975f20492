"""The organisation, its elections, and the one question before anything is sent."""

from toli.compliance.domain.law import Refusal, SendingQuestion
from toli.compliance.services.clearing import clear_kit, withdraw_clearance
from toli.compliance.services.elections import PollDraft, add_election, add_polls, remove_election, remove_poll
from toli.compliance.services.judging import judge_sendings
from toli.compliance.services.organisation import require_channel, set_organisation, set_rules
from toli.compliance.services.templates import end_sms_template, register_sms_template

__all__ = [
    "PollDraft",
    "Refusal",
    "SendingQuestion",
    "add_election",
    "add_polls",
    "clear_kit",
    "end_sms_template",
    "judge_sendings",
    "register_sms_template",
    "remove_election",
    "remove_poll",
    "require_channel",
    "set_organisation",
    "set_rules",
    "withdraw_clearance",
]
