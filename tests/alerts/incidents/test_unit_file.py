"""A CSV of units: what it says, and every line that is wrong."""

import pytest

from thapcanh.alerts.incidents.units.unit_file import UnitFile, read_units

HEAD = "id,name,kind,station,phone,agency,area"


def _read(*lines: str) -> UnitFile:
    return read_units(enumerate((line.split(",") for line in lines), 1), lambda _: None)


@pytest.mark.parametrize("column", ["name", "station", "phone", "agency", "area"])
def test_texts_are_as_long_as_a_form_takes(column: str) -> None:
    def line(text: str) -> str:
        cells = {"id": "xe-1", "name": "Xe 1", "kind": "power", column: text}
        return ",".join(cells.get(name, "") for name in HEAD.split(","))

    assert len(_read(HEAD, line("x" * 120)).units) == 1
    found = _read(HEAD, line("x" * 121))
    (wrong,) = found.problems
    assert (wrong.line, wrong.code, wrong.facts["column"]) == (2, "cell_too_long", column)


def test_an_id_that_stands_twice_names_both_lines() -> None:
    lines = [HEAD, *["xe-1,Xe 1,power,,,,"] * 2, "xe-2,Xe 2,power,,,,", "xe-1,Xe 3,power,,,,"]
    found = _read(*lines).problems
    assert [(one.line, one.code, one.facts["other"]) for one in found] == [
        (3, "id_twice", 2),
        (5, "id_twice", 2),
    ]
