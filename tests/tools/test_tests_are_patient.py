"""No test is timed: what takes a moment on a quiet machine takes seconds on one that stands still.

Every module of the tests is searched. That something took less than so many seconds is asserted
with `patient`, or not at all; so are the ends of waits. Speed is measured by `benchmarks`.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import HealthCheck, settings

from tests.source_trees import modules_with

CLOCKS = frozenset({"monotonic", "perf_counter", "process_time", "thread_time", "time"})
PATIENCE = frozenset({"patient", "PATIENCE_S"})
OF_NUMBERS = frozenset({"abs", "float", "max", "min", "round"})
MADE_OF = (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Tuple, ast.Starred)
WAITS = frozenset({"communicate", "join", "result", "wait"})
BRIEF_S = 1.0  # a pause between two looks, or a wait for what must not come
# They measure what they promise.
OTHERS = ("tests/big_night/", "tests/chaos/", "tests/cluster/", "tests/load/")


def hurries(tree: ast.Module) -> Iterator[int]:
    """Lines that assert an upper bound of a time, or wait for a fixed one."""
    patient = _given_names(tree, PATIENCE, _is_patient)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            timed = _given_names(function, frozenset(), _is_timed)
            bounds = patient | _given_names(function, PATIENCE, _is_patient)
            ends = {name for name in timed if _is_added(function, name, timed)}
            for node in ast.walk(function):
                if isinstance(node, ast.Assert):
                    yield from _bounded(node, timed, ends, bounds)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _waits_briefly(node):
            yield node.lineno


def _is_added(function: ast.AST, name: str, timed: set[str]) -> bool:
    """Whether it is a time from now."""
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.BinOp)
        and isinstance(node.value.op, ast.Add)
        and _is_timed(node.value, timed)
        and name in set[str]().union(*map(_words, node.targets))
        for node in ast.walk(function)
    )


def _bounded(
    asserted: ast.Assert, timed: set[str], ends: set[str], patient: set[str]
) -> Iterator[int]:
    for node in ast.walk(asserted.test):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if not isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                continue
            is_less = isinstance(operator, ast.Lt | ast.LtE)
            less, more = (left, right) if is_less else (right, left)
            if _words(more) & patient or not _is_timed(less, timed):
                continue
            if _words(more) & ends or not _is_timed(more, timed):
                yield node.lineno


def _given_names(
    scope: ast.AST, names: frozenset[str], is_given: Callable[[ast.AST, set[str]], bool]
) -> set[str]:
    """These names, and those that get what `is_given` by them."""
    found = set(names)
    for _ in range(2):  # from one name to the next
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if is_given(node.value, found):
                    found |= set[str]().union(*map(_words, targets))
    return found


def _is_patient(node: ast.AST, names: set[str]) -> bool:
    return bool(_words(node) & names)


def _is_timed(node: ast.AST, names: set[str]) -> bool:
    """Whether it is a time: what is made of one by a call is something else."""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Call):
        return _is_clock(node.func) or (
            isinstance(node.func, ast.Name)
            and node.func.id in OF_NUMBERS
            and any(_is_timed(one, names) for one in node.args)
        )
    parts = ast.iter_child_nodes(node) if isinstance(node, MADE_OF) else ()
    return any(_is_timed(one, names) for one in parts)


def _is_clock(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in CLOCKS and _words(called.value) == {"time"}
    return isinstance(called, ast.Name) and called.id in CLOCKS - {"time"}


def _words(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _waits_briefly(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WAITS:
        return False
    limits = [one.value for one in call.keywords if one.arg == "timeout"] or call.args
    only = limits[0] if len(limits) == 1 else None
    seconds = only.value if isinstance(only, ast.Constant) else None
    return type(seconds) in (int, float) and float(str(seconds)) > BRIEF_S


def test_hurried_tests_are_found() -> None:
    source = """
import time
from tests.patience import patient
SOON_S = patient(5)
def one():
    begun = time.monotonic()
    assert time.monotonic() - begun < 1.0
    took_s = time.monotonic() - begun
    assert 2 > took_s
    assert took_s < patient(2)
    assert took_s < SOON_S
    assert took_s >= 0.2
    until = time.monotonic() + 5
    assert time.monotonic() < until
    long = time.monotonic() + patient(5)
    assert begun <= time.monotonic() < long
    assert len([]) < 3
    assert queue.trim(begun) <= 60
    assert abs(begun - 7) < 5
    thread.join(5)
    process.communicate(timeout=20)
    assert not event.wait(0.3)
"""
    assert sorted(hurries(ast.parse(source))) == [7, 9, 14, 19, 20, 21]


def test_no_test_is_timed() -> None:
    found = {
        f"{path}:{line}"
        for path, tree in modules_with(*CLOCKS, *WAITS, rooms=["tests"])
        if not path.startswith(OTHERS) and path != _ITSELF
        for line in hurries(tree)
    }
    assert found == set()


def test_examples_have_no_deadline() -> None:
    """Hypothesis gave up where ten examples took longer than a second to make."""
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


_ITSELF = Path("tests", "tools", Path(__file__).name).as_posix()
