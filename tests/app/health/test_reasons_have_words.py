"""Each reason that the watch gives for an alert of its own is said on screens in words."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from thapcanh.ingest.camera.picture_health import PictureCondition

ROOT = Path(__file__).parents[3]
READ_BY_SCREENS = ROOT / "app/web/src/alert/machine-reason.ts"
FILLERS = (
    "7", "x", "50 MB", "frozen", "password", "ahead of", "behind", "ahead",
    "the last good configuration is in force, not applied",
    "cameras have no worker", "cameras run that stand in no configuration here",
)  # fmt: skip
"""What stands in a sentence's gaps."""
DETAILS = {
    "7 came before with other words": "why, for engineers",
    "absent makers": "a round's name",
    "its events are not switched on (onvif.events)": "why, for engineers",
    "no answer": "why, for engineers",
    "not connected yet": "why, for engineers",
    "the exchange ended the connection": "why, for engineers",
    "of another sender": "a word of the log",
    "unexpected, see the log": "why, for engineers",
    "what it sees is not known here": "why, for engineers",
}


def _patterns() -> list[re.Pattern[str]]:
    text = READ_BY_SCREENS.read_text(encoding="utf-8")
    stages = text[text.index("const STAGES") : text.index("} as const")]
    found = re.findall(r"^  \w+:\s+/(.+)/,$", stages, re.MULTILINE)
    camera = re.search(r"^const CAMERA = /(.+)/;$", text, re.MULTILINE)
    assert camera
    return [re.compile(one) for one in (*found, camera[1])]


def _sentences(module: Path) -> Iterator[ast.JoinedStr | ast.Constant]:
    """Texts of several words, but for docstrings, log lines and errors' own."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_log = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_log or is_docstring or isinstance(node, ast.Raise):
            left_out.update(ast.walk(node))
        if isinstance(node, ast.JoinedStr):
            left_out.update(each for each in ast.walk(node) if each is not node)
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            words = "".join(
                str(each.value) for each in node.values if isinstance(each, ast.Constant)
            )
            if re.search("[a-z]{2}", words):
                yield node
        elif isinstance(node, ast.Constant) and re.search("[a-z] [a-z]", str(node.value)):
            yield node


def _stated(sentence: ast.JoinedStr | ast.Constant) -> Iterator[str]:
    """The sentence with its gaps filled in each way."""
    if isinstance(sentence, ast.Constant):
        yield str(sentence.value)
        return
    parts = [
        (str(part.value),) if isinstance(part, ast.Constant) else FILLERS
        for part in sentence.values
    ]
    for chosen in itertools.product(*parts):
        yield "".join(chosen)


@pytest.mark.parametrize("condition", PictureCondition)
def test_whatever_is_wrong_with_a_picture_has_words_on_screens(condition: PictureCondition) -> None:
    """A camera that was covered, or blurred, stood there as "not known"."""
    assert any(one.search(f"picture: {condition}") for one in _patterns())
    if condition is PictureCondition.OK:
        return
    for language in ("vi", "en"):
        text = (ROOT / f"app/web/src/i18n/{language}/shell.ts").read_text(encoding="utf-8")
        states = text[text.index("  blindness: {") :].partition("states: {")[2].partition("}")[0]
        assert re.search(rf"^ +{condition}: '", states, re.MULTILINE), language


def test_each_reason_of_the_watch_has_words_on_screens() -> None:
    patterns, wordless, known = _patterns(), [], {*FILLERS, *DETAILS}
    modules = [
        module
        for module in sorted((ROOT / "app").rglob("*.py"))
        if "HealthCheck(" in module.read_text(encoding="utf-8")
    ]
    for module in modules:
        for sentence in _sentences(module):
            said = list(_stated(sentence))
            if said[0] in known:
                continue
            if not any(one.search(text) for text in said for one in patterns):
                wordless.append(f"{module.relative_to(ROOT)}:{sentence.lineno} {said[0]}")
    assert len(modules) > 8
    assert not wordless, "\n".join(wordless)
