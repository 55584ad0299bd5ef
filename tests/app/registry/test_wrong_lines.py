"""Each finding of a file has a sentence in both languages, with every fact that it needs."""

import re
from pathlib import Path

import pytest

from thapcanh.alerts.store.wrong_line import WrongCell
from thapcanh.app.registry.wrong_lines import numbered_texts, said
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.messages.files import FILE_MESSAGES, TEXTS

RAISED = re.compile(r'WrongCell\(\s*"(\w+)"((?:,\s*\w+=|[^()]|\([^()]*\))*)\)')
ROOT = Path(__file__).parents[3]
FILES = (
    "alerts/shifts/duties.py",
    "alerts/incidents/units/unit_file.py",
    "app/shifts/roster_routes.py",
    "app/web_api/record_owner.py",
)

NAMED = re.compile(r'(?:ImportUnreadable|WrongCell|LineProblem\.of)\((?:[^"()]|"id"|"")*"(\w{3,})"')
CAMERA_FILES = (
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "app" / "imports").glob("*.py"))),
    *(f"app/registry/{name}.py" for name in ("import_files", "import_plan", "export")),
)


def test_every_finding_is_said_in_both_languages() -> None:
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in FILES)
    codes = {f"line_{code}" for code, _ in RAISED.findall(text)}
    of_lines = {code for code in TEXTS if code.startswith("line_")}
    assert codes == of_lines - {"line_numbered"}
    assert len(RAISED.findall(text)) == text.count("WrongCell(")


def test_every_refusal_of_a_file_of_cameras_is_said_in_both_languages() -> None:
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in CAMERA_FILES)
    codes = set(NAMED.findall(text)) | {"columns_unknown", "columns_wrong"}
    assert codes == FILE_MESSAGES.keys()
    for code, english in FILE_MESSAGES.items():
        vietnamese, same = TEXTS[f"file_{code}"]
        assert same == english
        facts = set(re.findall(r"{(\w+)}", english)) - {"line"}
        assert facts == set(re.findall(r"{(\w+)}", vietnamese)) - {"line"}, code


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.VI, "dòng 7: Số giờ “99” không đúng, từ 1 đến 48."),
        (Language.EN, "line 7: hours is “99”, expected 1 to 48."),
    ],
)
def test_a_line_is_named_in_the_readers_language(language: Language, words: str) -> None:
    wrong = WrongCell("hours_wrong", cell="99", most=48).on(7)
    assert numbered_texts([wrong], language) == [words]


def test_what_a_file_says_is_shortened_and_no_format_is_read_in_it() -> None:
    told = said(WrongCell("person_unknown", cell="{x}" * 100).on(2), Language.EN)
    assert "{x}{x}" in told
    assert len(told) < 200
