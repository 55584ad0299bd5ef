"""Every error of this room, drawn once. `retry_helps` says whether waiting may cure it.

AlertsError
├── WireError            a stream entry that is not an event of ours: set aside, never retried
│   └── ContentRefused   its sender is right, and may not say this: its number has arrived
├── SpoolError
│   ├── SpoolFull        no room on the worker's disk (retry helps once there is)
│   └── SpoolBroken      the file could not be read even after it was set aside and made again
├── QueueError
│   ├── QueueUnreachable refused, timed out, cut off (retry helps)
│   ├── QueueBusy        loading, read only, out of memory (retry helps)
│   ├── GroupMissing     the consumer group is gone: make it again (retry helps then)
│   ├── PlanSuperseded   another head wrote the fleet's plan meanwhile (retry helps, after reading)
│   └── QueueRefused     wrong password, no right, wrong type of key
├── ArchiveError
│   ├── ArchiveUnreachable  connection lost, locked, full, damaged (retry helps once it is mended)
│   ├── ArchiveTooNew       made by a newer program than this one
│   ├── UpgradeStopped      stopped while the tables were brought up to date (retry helps)
│   ├── ArchiveRefused      no database URL, or the database refuses the very thing to be written
│   ├── SequenceReused      two different messages with one producer sequence
│   │   └── SequenceJumped  a number so far beyond the last that nobody counted to it
│   ├── TooManyRinging       an exchange tells of more calls than can ring
│   ├── KeyReused           an idempotency key that came with another body before
│   └── BadCursor           a page cursor that we did not make
└── EvidenceError
    ├── EvidenceFull     no room on the evidence disk (retry helps once there is)
    ├── EvidenceFailed   a picture or clip could not be made or written
    ├── EvidenceStoreWrong  another share, or none, is where the store should be (retry helps)
    ├── EvidenceUnusable    the files are at fault, not the store: missing, changed, or taken
    ├── EvidenceMissing     no such file is kept
    └── EvidenceOutside  a path that would leave the evidence store
"""


class AlertsError(Exception):
    """Base of this room's errors."""

    retry_helps = False


class WireError(AlertsError):
    """A stream entry that cannot be read as an event."""


class ContentRefused(WireError):
    """An entry of a right sender that is not stored. Its number has arrived: nothing is missing."""


class SpoolError(AlertsError):
    """Failure of the worker's spool."""


class SpoolFull(SpoolError):
    """No space for another event."""

    retry_helps = True


class SpoolBroken(SpoolError):
    """Spool that cannot be opened or recreated."""


class QueueError(AlertsError):
    """Failure of the queue."""


class PlanSuperseded(QueueError):
    """Another head has written the fleet's plan meanwhile; read it first."""

    retry_helps = True


class QueueUnreachable(QueueError):
    """Queue without a response: it is unknown whether the command was done."""

    retry_helps = True


class QueueBusy(QueueError):
    """Server that responds but cannot serve now."""

    retry_helps = True


class GroupMissing(QueueError):
    """Missing stream or consumer group."""

    retry_helps = True


class QueueRefused(QueueError):
    """Refusal of this client or command by the server."""


class ArchiveError(AlertsError):
    """Failure of the archive."""


class ArchiveUnreachable(ArchiveError):
    """Database without a response, or unable to write now."""

    retry_helps = True


class ArchiveTooNew(ArchiveError):
    """Database of a newer program."""


class ArchiveTooOld(ArchiveError):
    """Database from before the first release, which is not supported."""


class UpgradeStopped(ArchiveError):
    """Upgrade that was stopped; the tables are as before."""

    retry_helps = True


class ArchiveRefused(ArchiveError):
    """Refusal of the database to write."""


class SequenceReused(ArchiveError):
    """Two different messages claim the same place in a worker's sequence."""


class SequenceJumped(SequenceReused):
    """Number of a message far beyond the last one."""


class TooManyRinging(ArchiveError):
    """More ringing calls from an exchange than can be."""


class TooManyMessages(ArchiveError):
    """More messages of citizens wait than officers could ever read."""


class KeyReused(ArchiveError):
    """An idempotency key came again with a different command."""


class BadCursor(ArchiveError):
    """Invalid page cursor."""


class EvidenceError(AlertsError):
    """Evidence could not be saved or read."""


class EvidenceFull(EvidenceError):
    """No space for another file."""

    retry_helps = True


class EvidenceFailed(EvidenceError):
    """A picture or clip could not be made or written."""


class EvidenceStoreWrong(EvidenceError):
    """Mounted store that is not the site's evidence store."""

    retry_helps = True


class EvidenceUnusable(EvidenceError):
    """Staged files that are missing or changed, or whose place is used by others."""


class EvidenceMissing(EvidenceError):
    """Missing file."""


class EvidenceOutside(EvidenceError):
    """A path that would leave the evidence store."""
