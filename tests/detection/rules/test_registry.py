"""Kinds of rule are found, not listed; and one from outside that is broken stops nothing."""

import re
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic.errors import PydanticInvalidForJsonSchema

from thapcanh.config.rules import Rule
from thapcanh.config.wording import Wording
from thapcanh.detection import rules as folder
from thapcanh.detection.rules.fire import RULE as FIRE
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.registry import (
    FINDER,
    class_group,
    default_rules,
    has_place,
    kinds_like,
    label_words,
    registry,
    registry_of,
)
from thapcanh.detection.rules.rule_kind import RuleKind
from thapcanh.detection.rules.smoke import RULE as SMOKE


def _named(value: str) -> EntryPoint:
    return EntryPoint(name="theirs", value=value, group=FINDER.entry_points)


def test_every_rule_of_the_folder_is_found_in_its_order() -> None:
    files = [path for one in folder.__path__ for path in Path(one).glob("*.py")]
    modules = [path.stem for path in files if re.search(r"^RULE\b", path.read_text(), re.MULTILINE)]
    written = [import_module(f"{folder.__name__}.{name}").RULE for name in modules]
    assert {"fire", "arc"} < {each.kind for each in written}
    by_order = sorted(written, key=lambda each: (each.order, each.kind))
    assert list(registry().kinds.values()) == by_order
    assert [rule.kind for rule in default_rules()] == ["fire", "smoke"]
    assert list(registry().kinds)[:2] == ["fire", "smoke"]


def test_a_kind_that_is_there_already_stays_ours() -> None:
    found = registry_of(FINDER.collected([FIRE], [_named("thapcanh.detection.rules.fire:RULE")]))
    assert list(found.kinds) == ["fire"]
    assert found.problems == (
        ("theirs", "thapcanh.detection.rules.fire:RULE: the kind 'fire' is there already"),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no_such_module:RULE", "cannot be used: No module named 'no_such_module'"),
        ("thapcanh.detection.rules.fire:NONE", "has no attribute 'NONE'"),
        ("thapcanh.detection.rules.fire:FireRule", "it is a ModelMetaclass, expected a RuleKind"),
    ],
)
def test_a_kind_from_outside_that_cannot_be_used_is_named(value: str, expected: str) -> None:
    found = registry_of(FINDER.collected([FIRE, SMOKE], [_named(value)]))
    assert list(found.kinds) == ["fire", "smoke"]
    ((name, message),) = found.problems
    assert name == "theirs"
    assert message.startswith(value)
    assert expected in message


class _Either(Rule):
    kind: Literal["one", "other"] = "one"


class _Anything(Rule):
    kind: str = "anything"


@pytest.mark.parametrize("model", [_Either, _Anything, Rule])
def test_settings_state_exactly_one_kind(model: type[Rule]) -> None:
    with pytest.raises(ValueError, match="states no kind, expected kind"):
        RuleKind(settings=model, evaluator=FIRE.evaluator, name=Wording(vi="một", en="one"))


def test_flame_and_smoke_are_one_condition_and_have_a_place() -> None:
    assert class_group("smoke") == class_group("fire")
    assert sorted(kinds_like("fire")) == ["fire", "smoke"]
    assert has_place("smoke")
    assert not has_place("crowd")


def test_a_kind_that_no_rule_is_of_is_its_own_group() -> None:
    assert kinds_like("disk_low") == ["disk_low"]
    assert not has_place("disk_low")


def test_what_a_rule_saw_has_a_word() -> None:
    assert (label_words("smoke"), label_words("zebra")) == ("khói", None)


BY_THE_FORM = {"id", "kind", "cameras", "version", "zone", "line"}  # not settings of the kind


def _paths(
    schema: dict[str, Any], inside: str = "", root: dict[str, Any] | None = None
) -> set[str]:
    root = root or schema
    found: set[str] = set()
    for key, one in schema["properties"].items():
        where = one.get("$ref", "").removeprefix("#/$defs/")
        part = root["$defs"][where] if where else one
        deeper = part.get("type") == "object"
        found |= _paths(part, f"{inside}{key}.", root) if deeper else {f"{inside}{key}"}
    return found


@pytest.mark.parametrize("kind", registry().kinds.values(), ids=lambda each: each.kind)
def test_every_setting_of_every_kind_has_words(kind: RuleKind) -> None:
    assert set(kind.setting_words()) == _paths(kind.schema()) - BY_THE_FORM


def test_what_must_be_drawn_is_told() -> None:
    needs = {each.kind: each.needs() for each in registry().kinds.values()}
    assert needs["arc"] == needs["intrusion"] == needs["loitering"] == ("zone",)
    assert (needs["exit"], needs["fire"]) == (("line",), ())


def test_a_kind_that_cannot_be_told_of_is_not_taken_in() -> None:
    class Odd(FireRule):
        kind: Literal["odd"] = "odd"  # type: ignore[assignment]
        judge: Callable[[], bool] = lambda: True

    words = Wording(vi="một", en="one")
    with pytest.raises(PydanticInvalidForJsonSchema):
        RuleKind(settings=Odd, evaluator=FIRE.evaluator, name=words)
    with pytest.raises(ValueError, match="'flood' is no kind of incident"):
        RuleKind(
            settings=FireRule,
            evaluator=FIRE.evaluator,
            name=words,
            incident="flood",  # type: ignore[arg-type]
        )
