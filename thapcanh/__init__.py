"""Tháp Canh for programs: what it sees in pictures and films, and the alerts of a centre.

Versions are semantic for what stands in `__all__` here and in `thapcanh.rules`, `.detectors` and
`.targets`, and for nothing else: the packages behind these names change with every version.

What is seen in one picture, and the events of a film, with the shipped weights:

    >>> import thapcanh
    >>> with thapcanh.Detector() as detector:
    ...     found = detector.detect(picture)
    >>> found[0].label
    'fire'
    >>> events = list(thapcanh.watch(film))
    >>> events[0].kind, events[0].phase.value, events[0].priority
    ('fire', 'raised', 1)
    >>> 0.5 <= events[0].belief <= 1.0
    True
    >>> left, top, width, height = events[0].box

What workers put into the queue, beside the centre that reads it:

    >>> for event in thapcanh.read_alerts(queue, after="0", until_empty=True):
    ...     print(event.camera, event.kind, event.priority)
    cam-17 fire 1

The alerts of a centre, those that are open and then each change, for as long as one asks:

    >>> for alert in thapcanh.follow(centre, token):
    ...     print(alert.camera, alert.kind, alert.state.value, alert.priority)
    ...     break
    cam-1 fire new 2

A rule or a target of one's own begins with a class of its settings (`thapcanh.rules` and
`thapcanh.targets` have the rest, `thapcanh.detectors` what a detector is made of):

    >>> from typing import Literal
    >>> class BlockedExit(thapcanh.Rule):
    ...     kind: Literal["blocked_exit"] = "blocked_exit"
    ...     looks: int = 3
    >>> BlockedExit(id="stairs-b").looks
    3
    >>> class Bell(thapcanh.Target):
    ...     kind: Literal["bell"] = "bell"
    >>> Bell(id="station-1", url="bell://10.0.0.8:7000").priorities
    (1, 2, 3)
"""

from alerts.store.errors import QueueError
from app.evaluation.replayed_event import ReplayedEvent as Event
from app.library.followed_alert import CentreRefused, follow
from app.library.followed_alert import FollowedAlert as Alert
from app.library.picture_detector import PictureDetector as Detector
from app.library.queued_event import QueuedEvent, read_alerts
from app.library.watch import watch
from config.problem import ConfigError
from config.rules import Rule
from config.targets import TargetConfig as Target
from detection.detections import Detection
from detection.errors import DetectorError
from ingest.errors import IngestError

__all__ = [
    "Alert",
    "CentreRefused",
    "ConfigError",
    "Detection",
    "Detector",
    "DetectorError",
    "Event",
    "IngestError",
    "QueueError",
    "QueuedEvent",
    "Rule",
    "Target",
    "follow",
    "read_alerts",
    "watch",
]
