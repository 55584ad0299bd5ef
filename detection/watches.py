"""The kind of a rule decides how it is watched: rule in, `Watch` out, and what belongs together."""

from collections.abc import Sequence
from typing import assert_never

from config.camera import Camera
from config.rules import (
    ArcRule,
    CrowdRule,
    ExitRule,
    FireRule,
    IntrusionRule,
    LoiteringRule,
    Rule,
    SmokeRule,
    StoppedVehicleRule,
)
from detection.arc_watch import ArcWatch
from detection.confirmation import Stage
from detection.crowd_watch import CrowdWatch
from detection.exit_watch import ExitWatch
from detection.place_watch import PlaceWatch
from detection.stay_watch import StayWatch
from detection.watch import Watch


def watch_for(rule: Rule, camera: Camera, stages: Sequence[Stage]) -> Watch:
    """A watch for this rule on this camera, which has the zone or line that the rule names."""
    match rule:
        case FireRule() | SmokeRule() | IntrusionRule():
            return PlaceWatch(rule, camera, stages)
        case CrowdRule():
            return CrowdWatch(rule, camera)
        case LoiteringRule() | StoppedVehicleRule():
            return StayWatch(rule, camera)
        case ExitRule():
            return ExitWatch(rule, camera)
        case ArcRule():
            return ArcWatch(rule, camera)
        case _:
            assert_never(rule)


def followed_labels(rules: Sequence[Rule]) -> frozenset[str]:
    """The classes that need tracks."""
    return frozenset(
        label
        for rule in rules
        if isinstance(
            rule, IntrusionRule | CrowdRule | LoiteringRule | StoppedVehicleRule | ExitRule
        )
        for label in rule.classes
    )


def group_of(rule: Rule) -> str:
    """Fire and smoke in one zone are one thing to an officer; other rules speak for themselves."""
    if isinstance(rule, FireRule | SmokeRule):
        return f"burning|{rule.zone or ''}"
    return f"{rule.id}|{rule.zone or ''}"
