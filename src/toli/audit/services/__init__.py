"""Adding to the audit trail, sealing it, checking it."""

from toli.audit.services.pruning import PruneReport, prune, restart
from toli.audit.services.recording import Acting, record, record_act
from toli.audit.services.sealing import add_key, present_head, seal
from toli.audit.services.verifying import Report, check_tail, verify

__all__ = [
    "Acting", "PruneReport", "Report", "add_key", "check_tail", "present_head", "prune", "record", "record_act",
    "restart", "seal", "verify",
]  # fmt: skip
