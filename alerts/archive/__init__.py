"""What happened, what must be answered and what was done, behind one `Archive`."""

from alerts.archive.archive import AlertPolicy, Archive, CameraLookup
from alerts.archive.database import sqlite_url
from alerts.records import (
    Alert,
    AlertChange,
    AlertChanges,
    AlertFilter,
    CameraFacts,
    ChangeKind,
    CommandRequest,
    CommandResult,
    EvidenceRecord,
    IngestResult,
    LogEntry,
    LoginSession,
    RecordPage,
    SequenceGap,
    StepTimes,
    User,
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
