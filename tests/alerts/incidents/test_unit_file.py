"""A CSV of units: what it says, and every line that is wrong."""

import pytest

from alerts.incidents.unit_file import read_units

HEAD = "id,name,kind,station,phone,agency,area"


@pytest.mark.parametrize("column", ["name", "station", "phone", "agency", "area"])
def test_texts_are_as_long_as_a_form_takes(column: str) -> None:
    def line(text: str) -> str:
        cells = {"id": "xe-1", "name": "Xe 1", "kind": "power", column: text}
        return ",".join(cells.get(name, "") for name in HEAD.split(","))

    assert len(read_units([HEAD, line("x" * 120)]).units) == 1
    found = read_units([HEAD, line("x" * 121)])
    assert found.problems == (f"line 2: {column} is longer than 120 letters",)


def test_an_id_that_stands_twice_is_told_once() -> None:
    lines = [HEAD, *["xe-1,Xe 1,power,,,,"] * 3, "xe-2,Xe 2,power,,,,"]
    assert read_units(lines).problems == ("the id 'xe-1' stands twice",)
