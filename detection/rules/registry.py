"""Which kinds of rule there are, found rather than listed, and what is known of each.

A kind is the `RULE` of a module of this folder, or what an entry point of the group
`thapcanh.rules` of an installed package names. Nobody else lists kinds. A kind from outside that
cannot be taken in is named among the problems of the configuration and stops nothing.
"""

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
    """All kinds by name, in their order; and those from outside that could not be taken in."""

    kinds: Mapping[str, RuleKind]
    problems: tuple[tuple[str, str], ...] = ()

    def models(self) -> RuleModels:
        """What the configuration must know of them."""
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
    """The registry of what was found."""
    ordered = sorted(found.by_name.values(), key=lambda each: (each.order, each.kind))
    by_name = MappingProxyType({each.kind: each for each in ordered})
    return RuleRegistry(kinds=by_name, problems=found.problems)


def default_rules() -> tuple[Rule, ...]:
    """Return the rules of a site that names none."""
    return registry().models().defaults


def evaluator_for(rule: Rule, camera: CameraConfig, checks: Checks) -> RuleEvaluator:
    """An evaluator of this rule on this camera, which has the zone or line that the rule names."""
    return registry().kinds[rule.kind].evaluator(rule, camera, checks)


def followed_labels(rules: Sequence[Rule]) -> frozenset[str]:
    """The classes that need tracks."""
    return frozenset(
        label for rule in rules if isinstance(rule, TrackedRule) for label in rule.classes
    )


def group_of(rule: Rule) -> str:
    """Rules of one group in one zone are one thing to an officer; others speak for themselves."""
    group = _group(rule.kind)
    owner = rule.id if group is None else f"group {group}"  # no rule's id has a space
    return f"{owner}|{rule.zone or ''}"


def has_place(kind: str) -> bool:
    """Whether what the kind is about stays where it is; a walker is all over the zone."""
    return _group(kind) is not None


def class_group(kind: str) -> str:
    """The name of the kinds that are one condition with this one."""
    return _group(kind) or kind


def kinds_like(kind: str) -> list[str]:
    """The kinds that are one condition with this one, itself among them."""
    group = class_group(kind)
    return [each for each in {*registry().kinds, kind} if class_group(each) == group]


def outranks(kind: str, milder: str) -> bool:
    """Return whether an episode of the milder kind becomes this one, once it is believed."""
    known = registry().kinds.get(kind)
    return known is not None and milder in known.outranks


def label_words(label: str) -> str | None:
    """The Vietnamese word of what a rule calls what it saw; None if no rule calls anything so."""
    kinds = registry().kinds.values()
    return next((each.labels[label].vi for each in kinds if label in each.labels), None)


def _group(kind: str) -> str | None:
    """The group of a kind; None also of the system's own kinds, which no rule is of."""
    known = registry().kinds.get(kind)
    return None if known is None else known.group
