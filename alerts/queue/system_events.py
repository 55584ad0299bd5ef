"""Events about the system's own troubles, processed like others.

`docs/runbook.md` explains each.
"""

from dataclasses import replace
from enum import StrEnum

from uuid6 import uuid7

from thapcanh.detection.event import Event, EventPhase

_MODEL = "system"
_NO_MODEL_SHA256 = "0" * 64


class SystemKind(StrEnum):
    """Kind of the system's own trouble."""

    CAMERA_OFFLINE = "camera_offline"  # no picture comes
    CAMERA_FROZEN = "camera_frozen"  # the same picture for too long
    CAMERA_TAMPERED = "camera_tampered"  # covered, moved, dark, blurred
    PICTURE_DAMAGED = "picture_damaged"  # torn by data that are lost on the way
    WORKER_LOST = "worker_lost"  # a worker is silent, or cameras have none
    CENTRE_LOST = "centre_lost"  # one of several centres is silent
    DETECTOR_STALLED = "detector_stalled"  # pictures come and nobody looks at them
    QUEUE_LAG = "queue_lag"  # events wait on their way for too long
    EVENT_GAP = "event_gap"  # events are missing, or could not be read
    SELF_TEST_MISSED = "self_test_missed"  # nothing proved the way lately
    EVIDENCE_LAG = "evidence_lag"  # pictures and films do not reach their store, or fail
    RECORDING_GAP = "recording_gap"  # cameras that should be recorded are not
    DISK_LOW = "disk_low"  # evidence will soon find no room
    CONFIG_PROBLEM = "config_problem"  # cameras or rules that were asked for do not run
    DEVICE_FAULT = "device_fault"  # a device is silent, floods, or its clock is wrong
    DELIVERY_FAILED = "delivery_failed"  # somebody outside is not told
    TELEPHONE_FAULT = "telephone_fault"  # an exchange does not tell of calls
    ACCOUNT_GUESSED = "account_guessed"  # somebody guesses at an account's password or codes
    MAKER_ABSENT = "maker_absent"  # what an account let in ends, for nobody logs in to it
    BACKUP_LATE = "backup_late"  # the archive has no fresh copy
    CERTIFICATE_ENDING = "certificate_ending"  # browsers will refuse the screens
    CLOCK_SKEW = "clock_skew"  # a machine dates what it sees wrongly
    LINK_LOST = "link_lost"  # a linked site is not reached; what it sees is not known here
    LINK_LIMITED = "link_limited"  # a link's bound is reached: pictures or new incidents wait


SYSTEM_KINDS = frozenset(kind.value for kind in SystemKind)


def is_system(kind: str) -> bool:
    return kind in SYSTEM_KINDS


def system_event(
    kind: SystemKind, subject: str, rule_id: str, *, priority: int, reason: str, now: float
) -> Event:
    """Return a raised system event. `now` is UTC unix seconds."""
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=kind.value,
        camera_id=subject,
        rule_id=rule_id,
        rule_version=1,
        zone_id=None,
        priority=priority,
        box=(0.0, 0.0, 0.0, 0.0),
        confidence=1.0,
        label=rule_id,
        track_id=None,
        model_name=_MODEL,
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=now,
        inferred_at=now,
        reason=reason,
    )


def followed(event: Event, phase: EventPhase, reason: str, now: float) -> Event:
    """Return the next message of an event's episode, of any kind."""
    return replace(
        event,
        id=str(uuid7()),
        phase=phase,
        reason=reason,
        captured_at=max(now, event.captured_at),
        inferred_at=max(now, event.inferred_at),
    )
