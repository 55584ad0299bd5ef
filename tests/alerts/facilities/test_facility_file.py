"""Lists of facilities as strangers may send them: each line that cannot be read is named."""

from dataclasses import replace

import pytest

from tests.alerts.desk import LE
from thapcanh.alerts.facilities.facilities import FacilityFacts
from thapcanh.alerts.facilities.facility_file import MOST_IGNORED, read_facilities
from thapcanh.alerts.facilities.facility_store import FacilityRepository, FacilityWrite
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING

HEADER = ["Tên", "Loại", "Vĩ độ", "Kinh độ", "outline", "Số tầng", "Liên hệ", "Nguy hiểm"]
RIGHT = ["Chợ", "chợ", "21.03", "105.85", "", "3", "", ""]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (5, "²", "floors_wrong"),  # a digit that is no number
        (5, "9" * 400, "floors_wrong"),
        (4, f"[[1{'0' * 400}, 105.85], [21.03, 105.85], [21.031, 105.85]]", "outline_wrong"),
        (4, "[[NaN, NaN], [NaN, NaN], [NaN, NaN]]", "outline_wrong"),
        (4, "[" * 100_000, "outline_wrong"),
        (4, '{"a": 1}', "outline_wrong"),
        (2, "1e999", "place_wrong"),
        (0, "x" * 100_000, "cell_too_long"),
        (6, "Bảo vệ | 0912345678 | a | b | c", "contact_wrong"),
        (7, ";".join("x" * 40), "too_many_parts"),
        (7, f"vải; {'x' * 501}", "part_too_long"),  # was cut, and nobody told
        (6, f"Bảo vệ | 0912345678 | {'x' * 201}", "part_too_long"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_and_the_others_are_kept(
    column: int, cell: str, code: str
) -> None:
    wrong = [*RIGHT]
    wrong[column] = cell
    lines = [HEADER, wrong, RIGHT] + [wrong] * 3000
    file = read_facilities(enumerate(lines, 1), lambda facts: facts)
    assert [facts.name for _, facts in file.facilities] == ["Chợ"]
    assert [(one.line, one.code) for one in file.problems[:2]] == [(2, code), (4, code)]
    assert len(file.problems) == 3001
    assert all(len(str(fact)) <= 60 for one in file.problems for fact in one.facts.values())


def test_a_header_of_very_many_columns_is_read_and_names_some_of_them() -> None:
    header = [*HEADER, *(f"cột {number}" for number in range(20_000))]
    file = read_facilities(enumerate([header, RIGHT], 1), lambda facts: facts)
    assert [facts.name for _, facts in file.facilities] == ["Chợ"]
    assert file.ignored == tuple(f"cot {number}" for number in range(MOST_IGNORED))


def test_what_was_removed_since_a_list_was_judged_is_there_again(archive: Archive) -> None:
    """It was told to be changed, and stayed removed."""
    book = FacilityRepository(archive.database)
    facts = FacilityFacts(name="Chợ", kind="market", code="K-1")
    named = book.add(LE, facts, 1.0)
    assert book.remove(LE, named, 2.0)
    renamed = replace(facts, name="Chợ Đồng Xuân")
    book.write_list(LE, [FacilityWrite(id=named, facts=renamed)], 3.0)
    assert [one.facts for one in book.all(EVERYTHING)] == [renamed]
