"""What a rule of another package is made of; CONTRIBUTING.md shows one.

>>> from thapcanh import rules
>>> rules.Wording(vi="Chắn lối thoát nạn", en="Emergency exit blocked").en
'Emergency exit blocked'
"""

from config.camera import CameraConfig
from config.frozen import Id
from config.rules import BurningRule, Classes, PlaceRule, PriorityNumber, Rule, TrackedRule
from config.wording import Wording
from detection.confirmation.observations import Observation
from detection.confirmation.stages import ConfirmationResult
from detection.rules.evaluator import (
    Checks,
    RuleArea,
    RuleInput,
    RuleMatch,
    accepted,
    followed_detections,
    waiting,
)
from detection.rules.hours import is_open
from detection.rules.rule_kind import RuleKind

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
