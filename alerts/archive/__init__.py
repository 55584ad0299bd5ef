"""What happened, what must be answered and what was done, behind one `Archive`."""

from alerts.account_records import LoginSession, User
from alerts.archive.archive import Archive, CameraLookup
from alerts.archive.database import sqlite_url
from alerts.archive.policy import AlertPolicy
from alerts.change_kind import ChangeKind
from alerts.change_records import AlertChange, AlertChanges
from alerts.records import (
    Alert,
    AlertFilter,
    CameraFacts,
    CommandRequest,
    CommandResult,
    EvidenceRecord,
    IngestResult,
    LogEntry,
    RecordPage,
    SequenceGap,
    StepTimes,
)

__all__ = [
    "Alert",
    "AlertChange",
    "AlertChanges",
    "AlertFilter",
    "AlertPolicy",
    "Archive",
    "CameraFacts",
    "CameraLookup",
    "ChangeKind",
    "CommandRequest",
    "CommandResult",
    "EvidenceRecord",
    "IngestResult",
    "LogEntry",
    "LoginSession",
    "RecordPage",
    "SequenceGap",
    "StepTimes",
    "User",
    "sqlite_url",
]
