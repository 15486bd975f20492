"""Members and citizens, how to reach them, what they agreed to, and the lists they were imported from."""

from toli.members.models.citizens import Citizen
from toli.members.models.consents import ConsentRecord
from toli.members.models.drives import Drive
from toli.members.models.exports import Export, ExportRow, ExportState
from toli.members.models.history import HistoryReason, PastMembership
from toli.members.models.imports import ImportChange, ImportChunk, ImportMapping, ImportProblem, ImportRun, ImportState
from toli.members.models.join_codes import DriveCount, JoinCode, Source, Step
from toli.members.models.merges import LikelyPair, Merge, PairState
from toli.members.models.people import (
    ContactKind,
    ContactPoint,
    ErasedNumber,
    Member,
    MemberGrade,
    MemberQuerySet,
    MemberSource,
    MemberState,
)
from toli.members.models.reveals import Reveal, RevealReason

__all__ = [
    "Citizen",
    "ConsentRecord",
    "ContactKind",
    "ContactPoint",
    "Drive",
    "DriveCount",
    "ErasedNumber",
    "Export",
    "ExportRow",
    "ExportState",
    "HistoryReason",
    "ImportChange",
    "ImportChunk",
    "ImportMapping",
    "ImportProblem",
    "ImportRun",
    "ImportState",
    "JoinCode",
    "LikelyPair",
    "Member",
    "MemberGrade",
    "MemberQuerySet",
    "MemberSource",
    "MemberState",
    "Merge",
    "PairState",
    "PastMembership",
    "Reveal",
    "RevealReason",
    "Source",
    "Step",
]
