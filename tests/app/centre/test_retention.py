"""One scheduler deletes by the clock: each feature's rule stands in it, by name and interval."""

import ast
import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.conftest import WaitFor
from tests.source_trees import ROOT, modules_with
from thapcanh.app.centre import periodic_tasks
from thapcanh.app.centre.periodic_tasks import retention_runners
from thapcanh.app.process.feature_tasks import RetentionRule

RULES = {  # name: seconds between rounds, whether it may hang, whether in each of several centres
    "changes, keys, sessions": (600.0, False, False),
    "coverage": (600.0, False, False),
    "evidence": (300.0, True, False),
    "recordings": (60.0, True, False),
    "signals": (600.0, False, True),
    "calls": (600.0, False, True),
    "tracks": (600.0, False, False),
    "crews": (600.0, False, False),
    "deliveries": (600.0, False, False),
    "linked sites' pictures": (600.0, False, False),
}


def _settled(call: ast.Call) -> tuple[str, tuple[float, bool, bool]]:
    """Name and settings of a rule as it is written down."""
    words = {one.arg: one.value for one in call.keywords}
    known = {"_EVERY_S": 600.0}

    def value(name: str, default: object) -> object:
        found = words.get(name)
        if found is None:
            return default
        return known[found.id] if isinstance(found, ast.Name) else ast.literal_eval(found)

    facts = float(str(value("every_s", 0.0))), value("may_hang", False), value("everywhere", False)
    return str(value("name", "")), (facts[0], bool(facts[1]), bool(facts[2]))


def test_the_rules_of_all_features_stand_here() -> None:
    found = {}
    for _, tree in modules_with("RetentionRule", rooms=["app"]):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "RetentionRule":
                name, facts = _settled(node)
                assert name not in found
                found[name] = facts
    assert found == RULES


def _builders(tree: ast.Module) -> list[str]:
    """The functions of a module that build a feature: `build`, or a part's own `built`."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns) == "BuiltFeature"
    ]


def test_each_feature_that_is_built_is_listed_by_the_centre() -> None:
    """One that nobody lists does nothing by the clock, and what it keeps is kept for ever."""
    built = dict(modules_with("BuiltFeature", rooms=["app"]))
    tree = built.pop("app/centre/features.py")
    names = {
        f"{node.module}.{one.name}": one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    parts = 0
    del built["app/centre/centre.py"]  # it lists what every centre does for itself
    for path, feature in built.items():
        module = "thapcanh." + path.removesuffix(".py").replace("/", ".")
        for builder in _builders(feature):
            if builder == "built":
                parts += 1
            else:
                assert called.count(f"{names.get(module)}.{builder}") == 1, module
    assert sum(name.endswith(".built") for name in called) == parts


def test_the_rules_of_what_comes_from_outside_stand_together() -> None:
    outside = (ROOT / "app/centre/outside.py").read_text(encoding="utf-8")
    rules = "[self.signals.rule(), calls, tracks, crews, self._deliveries.rule(), *links]"
    assert f"return {rules}" in outside


def rule(name: str, run: Callable[[], None], **changes: bool) -> RetentionRule:
    return RetentionRule(name=name, every_s=0.0, run=run, **changes)


def test_a_store_that_hangs_holds_up_no_other_rule_and_a_standby_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(periodic_tasks, "TICK_S", 0.01)
    hangs, go_on, ran, leads = threading.Event(), threading.Event(), list[str](), [False]

    def hanging() -> None:
        hangs.set()
        go_on.wait()

    made = retention_runners(
        [
            rule("hanging", hanging, may_hang=True, everywhere=True),
            rule("rows", lambda: ran.append("rows")),
            rule("mine", lambda: ran.append("mine"), everywhere=True),
        ],
        lambda: leads[0],
    )
    with ExitStack() as stack:
        for one in made:
            stack.callback(one.stop)
            one.start()
        stack.callback(go_on.set)
        wait_for(hangs.is_set, 20.0)
        wait_for(lambda: len(ran) >= 3, 20.0, "the others go on")
        assert set(ran) == {"mine"}
        leads[0] = True
        wait_for(lambda: "rows" in ran, 20.0, "the leader deletes")


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two rules of one name"):
        retention_runners([rule("a", lambda: None), rule("a", lambda: None)], lambda: True)
