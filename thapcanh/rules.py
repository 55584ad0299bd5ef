"""What a rule of another package is made of; CONTRIBUTING.md shows one.

>>> from thapcanh import rules
>>> rules.Wording(vi="Chắn lối thoát nạn", en="Emergency exit blocked").en
'Emergency exit blocked'
"""

from thapcanh.config.camera import CameraConfig
from thapcanh.config.frozen import Id
from thapcanh.config.rules import BurningRule, Classes, PlaceRule, PriorityNumber, Rule, TrackedRule
from thapcanh.config.wording import Wording
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import ConfirmationResult
from thapcanh.detection.rules.evaluator import (
    Checks,
    RuleArea,
    RuleInput,
    RuleMatch,
    accepted,
    followed_detections,
    waiting,
)
from thapcanh.detection.rules.hours import is_open
from thapcanh.detection.rules.rule_kind import RuleKind

__all__ = [
    "BurningRule",
    "CameraConfig",
    "Checks",
    "Classes",
    "ConfirmationResult",
    "Id",
    "Observation",
    "PlaceRule",
    "PriorityNumber",
    "Rule",
    "RuleArea",
    "RuleInput",
    "RuleKind",
    "RuleMatch",
    "TrackedRule",
    "Wording",
    "accepted",
    "followed_detections",
    "is_open",
    "waiting",
]
