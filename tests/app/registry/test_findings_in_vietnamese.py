"""Every sentence that an entry or a rule can be refused with exists in Vietnamese.

The sentences are found in the sources of the checks; a new one without Vietnamese fails here.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from thapcanh.app.site.site_file import entry_check
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.messages.findings import VIETNAMESE, finding_in
from thapcanh.config.registry.entry_check import EntryCheck, ListedNames
from thapcanh.config.rules import Shape

ROOT = Path(__file__).parents[3]
FOLDERS = (
    "config/registry",
    "config/loading",
    "app/registry",
    "app/watch_areas",
    "detection/rules",
)
FILES = (
    "config/camera.py", "config/geometry.py", "config/file_path.py", "config/rules.py",
    "config/secret.py", "config/site.py", "ingest/sources/scheme.py", "ingest/sources/registry.py",
)  # fmt: skip
SCHEMES = "ingest/sources/schemes"
# Sentences of these files that stand at another door: a site's own file, a service's own address.
ELSEWHERE = re.compile(
    r"certificate|behind_tls|public_url|replicas|proxies|states no kind|no kind of incident"
    r"|secret: |proposals"
)
RAISERS = {"ValueError": 0, "EntryFinding": 1}
VALUES: tuple[Any, ...] = (
    None, 5, -1e9, 1e9, 1.5, "", "x" * 5000, "\x01", True, [], {}, [1], [{}], ["x"], "ftp://x/y",
    "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "nonsense", [[0, 0], [1, 1]], "rtsp://",
    [[0, 0], [0.5, 0.5], [1, 1]], [[2, 0], [0, 1], [1, 1]], "rtsp://h:99999/x", "srt://h",
    "rtsp://u:p/a@h/x",
)  # fmt: skip
POLYGON = [[0, 0], [1, 0], [1, 1]]
CAMERA = {
    "id": "a", "name": "A", "source": "rtsp://h/x", "lat": 21, "lon": 105, "bearing_deg": 1,
    "conformity": "QCVN 135",
    "area": "hanoi", "agency": "pc07", "transport": "tcp", "tls_pin": "0" * 64, "ptz": False,
    "onvif": {"service": "http://h/x", "mac": "00:00:00:00:00:00", "events": True},
    "record_days": 1.0, "masks": [POLYGON], "valid_from": "2026-01-01T00:00:00Z",
    "zones": [{"id": "a", "name": "A", "polygon": POLYGON}], "valid_to": "2027-01-01T00:00:00Z",
    "lines": [{"id": "l", "name": "L", "points": [[0, 0], [1, 1]], "inside": [1, 0]}],
}  # fmt: skip
RULE = {
    "id": "r", "kind": "crowd", "cameras": ["a"], "zone": "a", "hours": ["22:00-05:00"],
    "version": 1, "clear_after_s": 1.0, "priority": 1, "min_confidence": 0.2, "line": "l",
    "confirm": {"looks": 3, "of": 5, "window_s": 3.0}, "classes": ["person"], "events": ["motion"],
}  # fmt: skip
AREA = {
    "id": "watch-000000000000", "name": "n", "purpose": "p", "legal_basis": "l", "cameras": ["a"],
    "rules": [{"kind": "crowd"}], "starts_at": "2026-01-01T00:00:00Z", "proposed_by": "x",
    "ends_at": "2026-01-02T00:00:00Z", "proposed_at": "2026-01-01T00:00:00Z", "zones": [],
    "retention_days": 3.0,
}  # fmt: skip


def _sentence(node: ast.expr) -> str | None:
    """A text as it stands in the source, each of its facts as `7`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(one.value) if isinstance(one, ast.Constant) else "7" for one in values
            )
    return None


def _sentences() -> Iterator[tuple[str, str]]:
    paths = [ROOT / name for name in FILES]
    for folder in (*FOLDERS, SCHEMES):
        paths += sorted((ROOT / folder).glob("*.py"))
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            place = RAISERS.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            said = _sentence(node.args[place])
            if said and not ELSEWHERE.search(said):
                yield path.name, said


@pytest.mark.parametrize("said", sorted({text for _, text in _sentences()}))
def test_each_sentence_of_the_checks_is_said_in_vietnamese(said: str) -> None:
    shapes = ("agency", "area") if "registered" in said else ("zone", "line")
    for shape in shapes:
        text = said.replace("names the 7 7", f"names the {shape} 7")
        text = re.sub(r"^two 7", f"two {shape}s", text).replace("uses the 7", f"uses the {shape}")
        assert _is_said(text), text


def test_what_pydantic_says_of_wrong_values_is_said_in_vietnamese() -> None:
    check = entry_check()
    found = {text for text in _refusals(check) if not _is_said(text)}
    assert found == set()


def test_a_sentence_that_nobody_put_into_words_is_quoted() -> None:
    assert finding_in("something new", Language.VI) == "chưa đúng (something new)"
    assert finding_in("something new", Language.EN) == "something new"


def test_facts_are_carried_over_and_no_brace_in_them_is_read() -> None:
    said = finding_in("names the agency '{limit}', which is not registered", Language.VI)
    assert said == "đơn vị '{limit}', chưa có trong danh sách"
    assert set(VIETNAMESE) == {one.strip() for one in VIETNAMESE}
    for english, vietnamese in VIETNAMESE.items():
        braces = r"(?<!\$)\{(\w+)\}"
        assert set(re.findall(braces, vietnamese)) <= set(re.findall(braces, english)), english


def _is_said(text: str) -> bool:
    return not finding_in(text, Language.VI).startswith("chưa đúng (")


def _refusals(check: EntryCheck) -> Iterator[str]:
    known = ListedNames(agencies=frozenset({"pc07"}), areas=frozenset({"hanoi"}))
    shapes: dict[str, frozenset[Shape]] = {"a": frozenset({("zone", "a")})}
    drawn = shapes.get
    for table in _spoilt(CAMERA):
        yield from (one.message for one in check.camera(table, known))
    for table in _spoilt(AREA):
        yield from (one.message for one in check.watch_area(table, drawn))
    for kind in ("fire", "intrusion", "crowd", "exit", "loitering", "camera_event"):
        for table in _spoilt({**RULE, "kind": kind}):
            yield from (one.message for one in check.rule(table, drawn))


def _spoilt(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The table with each of its values in turn put wrong, taken away, or joined by a stranger."""
    for key, value in table.items():
        yield {one: table[one] for one in table if one != key}
        for wrong in VALUES:
            yield {**table, key: wrong}
            if isinstance(value, dict):
                yield from ({**table, key: {**value, inner: wrong}} for inner in value)
    yield {**table, "nmae": "A"}
