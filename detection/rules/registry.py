"""Which `RuleEvaluator` evaluates a rule, which labels need tracks, which rules are one group."""

from collections.abc import Sequence
from typing import assert_never

from config.camera import CameraConfig
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
from detection.confirmation.belief import BeliefStage
from detection.confirmation.stages import Stage
from detection.rules.arc import ArcEvaluator
from detection.rules.crowd import CrowdEvaluator
from detection.rules.dwell import DwellEvaluator
from detection.rules.evaluator import RuleEvaluator
from detection.rules.line_crossing import LineCrossingEvaluator
from detection.rules.observed_place import ObservationEvaluator


def evaluator_for(
    rule: Rule, camera: CameraConfig, stages: Sequence[Stage], belief_stages: Sequence[BeliefStage]
) -> RuleEvaluator:
    """A watch for this rule on this camera, which has the zone or line that the rule names."""
    match rule:
        case FireRule() | SmokeRule() | IntrusionRule():
            return ObservationEvaluator(rule, camera, stages, belief_stages)
        case CrowdRule():
            return CrowdEvaluator(rule, camera)
        case LoiteringRule() | StoppedVehicleRule():
            return DwellEvaluator(rule, camera)
        case ExitRule():
            return LineCrossingEvaluator(rule, camera)
        case ArcRule():
            return ArcEvaluator(rule, camera)
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
