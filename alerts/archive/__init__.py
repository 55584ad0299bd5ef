"""What happened, what must be answered and what was done, behind one `Archive`."""

from alerts.archive.archive import Archive, ArchiveSettings, CameraLookup
from alerts.archive.engine import sqlite_url
from alerts.archive.records import (
    Alert,
    AlertCommand,
    AlertFilter,
    CameraFacts,
    Change,
    ChangeKind,
    Changes,
    CommandResult,
    EvidenceRecord,
    Gap,
    LogEntry,
    Page,
    Session,
    Steps,
    TakenIn,
    User,
)

__all__ = [
    "Alert",
    "AlertCommand",
    "AlertFilter",
    "Archive",
    "ArchiveSettings",
    "CameraFacts",
    "CameraLookup",
    "Change",
    "ChangeKind",
    "Changes",
    "CommandResult",
    "EvidenceRecord",
    "Gap",
    "LogEntry",
    "Page",
    "Session",
    "Steps",
    "TakenIn",
    "User",
    "sqlite_url",
]
