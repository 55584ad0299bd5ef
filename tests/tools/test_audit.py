"""`make audit`: a weakness fails; a service that cannot be asked proves nothing, and it says so."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tools import audit

KNOWN = {"name": "idna", "version": "3.6", "vulns": [{"id": "X-1", "fix_versions": ["3.7"]}]}
WELL = {"name": "six", "version": "1.17", "vulns": []}
UNKNOWN = {"name": "idna", "skip_reason": "Dependency not found on PyPI"}
WEB_WELL = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 9}}}
WEB_KNOWN = WEB_WELL | {"vulnerabilities": {"vite": {"severity": "high", "range": "<5"}}}


@pytest.mark.parametrize(
    ("python", "web", "code", "word"),
    [
        ({"dependencies": [WELL, KNOWN]}, WEB_WELL, 1, "! idna 3.6: X-1, mended in ['3.7']"),
        ({"dependencies": [WELL, UNKNOWN]}, WEB_WELL, 0, "PyPI: 1 of 2 packages looked up"),
        ({"dependencies": [UNKNOWN]}, WEB_WELL, 0, "NOT CHECKED: PyPI"),
        ({}, {"statusCode": 405}, 0, "NOT CHECKED: npm"),
        ({"dependencies": [WELL]}, WEB_KNOWN, 1, "! vite: high, <5"),
    ],
)
def test_what_the_tools_answer_is_told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    *,
    python: dict[str, Any],
    web: dict[str, Any],
    code: int,
    word: str,
) -> None:
    def answer_of(command: Sequence[str], folder: Path | None = None) -> dict[str, Any]:
        return python if folder is None else web

    monkeypatch.setattr(audit, "answer_of", answer_of)
    monkeypatch.setattr(sys, "argv", ["audit"])
    assert audit.main() == code
    told = capsys.readouterr().out
    assert word in told
    is_whole = "NOT CHECKED" not in told
    assert ("no known weakness" in told) == (is_whole and code == 0)
    monkeypatch.setattr(sys, "argv", ["audit", "--strict"])
    assert audit.main() == (code or (0 if is_whole else 2))


def test_what_was_asked_of_everything_and_found_well_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    answers = ({"dependencies": [WELL]}, WEB_WELL)
    monkeypatch.setattr(audit, "answer_of", lambda _, folder=None: answers[folder is not None])
    monkeypatch.setattr(sys, "argv", ["audit"])
    assert audit.main() == 0
    assert "checked: no known weakness" in capsys.readouterr().out


def test_a_tool_that_fails_or_is_not_there_answers_nothing() -> None:
    assert audit.answer_of([sys.executable, "-c", "print('no JSON')"]) == {}
    assert audit.answer_of(["/nowhere/pip-audit"]) == {}
    assert audit.answer_of([sys.executable, "-c", "print('{\"a\": 1}'); exit(1)"]) == {"a": 1}
