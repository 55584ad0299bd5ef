"""Tháp Canh for programs: what it sees in pictures and films, and the alerts of a centre.

Versions are semantic for what stands in `__all__` here and in `thapcanh.rules`, `.detectors` and
`.targets`, and for nothing else: the packages behind these names change with every version.

What is seen in one picture, and the events of a film, with the shipped weights:

    >>> import thapcanh
    >>> with thapcanh.Detector() as detector:
    ...     found = detector.detect(picture)
    >>> found[0].label
    'fire'
    >>> left, top, right, bottom = found[0].xyxy  # pixels; xyxyn: shares of the picture
    >>> found.to_supervision().xyxy.shape == (len(found), 4)
    True
    >>> events = list(thapcanh.watch(film))
    >>> events[0].kind, events[0].phase.value, events[0].priority
    ('fire', 'raised', 1)
    >>> 0.5 <= events[0].belief <= 1.0
    True
    >>> left, top, right, bottom = events[0].xyxy

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

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thapcanh.alerts.store.errors import QueueError
    from thapcanh.app.library.followed_alert import CentreRefused, follow
    from thapcanh.app.library.followed_alert import FollowedAlert as Alert
    from thapcanh.app.library.picture_detector import PictureDetector as Detector
    from thapcanh.app.library.pictures import PictureDetection as Detection
    from thapcanh.app.library.pictures import PictureDetections as Detections
    from thapcanh.app.library.queued_event import QueuedEvent, read_alerts
    from thapcanh.app.library.watch import watch
    from thapcanh.app.replay.replayed_event import ReplayedEvent as Event
    from thapcanh.config.problem import ConfigError
    from thapcanh.config.rules import Rule
    from thapcanh.config.targets import TargetConfig as Target
    from thapcanh.detection.errors import DetectorError
    from thapcanh.ingest.errors import IngestError

__all__ = [
    "Alert",
    "CentreRefused",
    "ConfigError",
    "Detection",
    "Detections",
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

_SOURCES = {
    "Alert": "app.library.followed_alert:FollowedAlert",
    "CentreRefused": "app.library.followed_alert:CentreRefused",
    "ConfigError": "config.problem:ConfigError",
    "Detection": "app.library.pictures:PictureDetection",
    "Detections": "app.library.pictures:PictureDetections",
    "Detector": "app.library.picture_detector:PictureDetector",
    "DetectorError": "detection.errors:DetectorError",
    "Event": "app.replay.replayed_event:ReplayedEvent",
    "IngestError": "ingest.errors:IngestError",
    "QueueError": "alerts.store.errors:QueueError",
    "QueuedEvent": "app.library.queued_event:QueuedEvent",
    "Rule": "config.rules:Rule",
    "Target": "config.targets:TargetConfig",
    "follow": "app.library.followed_alert:follow",
    "read_alerts": "app.library.queued_event:read_alerts",
    "watch": "app.library.watch:watch",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: every process of the site imports this package.

    Raises `AttributeError` for other names, as modules do.
    """
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _SOURCES[name].partition(":")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), attribute)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
