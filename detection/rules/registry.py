"""Registry of rule kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from thapcanh.config.camera import CameraConfig
from thapcanh.config.kinds import FoundKinds, KindFinder
from thapcanh.config.rules import Rule, RuleModels, TrackedRule
from thapcanh.detection import rules as folder
from thapcanh.detection.rules.evaluator import Checks, RuleEvaluator
from thapcanh.detection.rules.rule_kind import RuleKind

FINDER = KindFinder(
    type=RuleKind,
    folder=folder,
    constant="RULE",
    entry_points="thapcanh.rules",
    names=lambda each: (each.kind,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRegistry:
    """Kinds by name, in their order, and those from other packages that failed to load."""

    kinds: Mapping[str, RuleKind]
    problems: tuple[tuple[str, str], ...] = ()

    def models(self) -> RuleModels:
        kinds = self.kinds.values()
        return RuleModels(
            models=tuple(each.settings for each in kinds),
            defaults=tuple(each.settings(id=each.kind) for each in kinds if each.is_default),  # type: ignore[call-arg]
            problems=self.problems,
        )


@cache
def registry() -> RuleRegistry:
    """Return the kinds of this installation; found once a process."""
    return registry_of(FINDER.find())


def registry_of(found: FoundKinds[RuleKind]) -> RuleRegistry:
    ordered = sorted(found.by_name.values(), key=lambda each: (each.order, each.kind))
    by_name = MappingProxyType({each.kind: each for each in ordered})
    return RuleRegistry(kinds=by_name, problems=found.problems)


def default_rules() -> tuple[Rule, ...]:
    return registry().models().defaults


def evaluator_for(rule: Rule, camera: CameraConfig, checks: Checks) -> RuleEvaluator:
    """Return an evaluator; the camera must have the zone or line that the rule names."""
    return registry().kinds[rule.kind].evaluator(rule, camera, checks)


def followed_labels(rules: Sequence[Rule]) -> frozenset[str]:
    """Return the classes that need tracks."""
    return frozenset(
        label for rule in rules if isinstance(rule, TrackedRule) for label in rule.classes
    )


def group_of(rule: Rule) -> str:
    """Return the group of a rule: its rules in one zone are one matter to an officer."""
    group = _group(rule.kind)
    owner = rule.id if group is None else f"group {group}"  # no rule's id has a space
    return f"{owner}|{rule.zone or ''}"


def has_place(kind: str) -> bool:
    """Return whether the matter of this kind stays in its place."""
    return _group(kind) is not None


def class_group(kind: str) -> str:
    """Return the name shared by kinds of one condition."""
    return _group(kind) or kind


def kinds_like(kind: str) -> list[str]:
    """Return the kinds of the same condition, itself included."""
    group = class_group(kind)
    return [each for each in {*registry().kinds, kind} if class_group(each) == group]


def outranks(kind: str, milder: str) -> bool:
    """Return whether a believed episode of this kind replaces one of the milder kind."""
    existing = registry().kinds.get(kind)
    return existing is not None and milder in existing.outranks


def label_words(label: str) -> str | None:
    """Return the Vietnamese word for a label, or None if no rule has it."""
    kinds = registry().kinds.values()
    return next((each.labels[label].vi for each in kinds if label in each.labels), None)


def _group(kind: str) -> str | None:
    existing = registry().kinds.get(kind)
    return None if existing is None else existing.group
