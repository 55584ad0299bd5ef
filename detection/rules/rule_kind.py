"""One kind of rule, as its file in this folder declares it: everything that is known of the kind.

The registry collects one `RuleKind` a kind; configuration, camera pipeline, alerts, exports and
screens all read from there, so that a new kind is written down once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from config.camera import CameraConfig
from config.rule_models import kind_of
from config.rules import Rule
from detection.rules.evaluator import Checks, RuleEvaluator

MakeEvaluator = Callable[[Any, CameraConfig, Checks], RuleEvaluator]
"""The rule (of the kind's own model), its camera, what is asked of places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The same words in the languages that everything is said in."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """A kind of rule: its settings, its evaluator, what it belongs to, and its words.

    Raise ValueError when the settings do not state one kind with `kind: Literal["x"] = "x"`.
    """

    settings: type[Rule]
    evaluator: MakeEvaluator
    name: Wording
    """Of an alert of this kind."""
    confirmed_name: Wording | None = None
    """Once an officer has confirmed it, where that reads differently."""
    exported_name: Wording | None = None
    """In exported tables, where that reads differently."""
    labels: Mapping[str, Wording] = field(default_factory=dict)
    """What the rule calls what it saw, beside the classes of people and vehicles."""
    group: str | None = None
    """Kinds of one group are one condition, and it stays at its place in the picture: flame and
    smoke. None: the rule speaks for itself, and its whole zone is the place."""
    is_default: bool = False
    """A site without any rule has one of this kind."""
    order: int = 1000
    """Where lists and messages name it: by rising order, then by kind."""

    def __post_init__(self) -> None:
        """Check that the settings are of one kind."""
        stated = self.settings.model_fields["kind"]
        names = get_args(stated.annotation) if get_origin(stated.annotation) is Literal else ()
        if names != (stated.default,):
            model = self.settings.__name__
            raise ValueError(f'{model} states no kind, expected kind: Literal["x"] = "x"')

    @property
    def kind(self) -> str:
        """Its name in the configuration, in events and in the archive."""
        return kind_of(self.settings)
