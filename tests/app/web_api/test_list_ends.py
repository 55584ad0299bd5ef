"""A list that ends says whether there is more, wherever an answer has one."""

from typing import Any

import pytest

from thapcanh.app.centre.web.application import openapi
from thapcanh.app.web_api.schemas import first_of

SAYS = {"next", "more", "total", "waiting", "links"}
"""What tells of the rest: a cursor, a yes or no, a number, the standard's own links."""

NO_LIST = {"/api/v1/history/export.csv", "/api/v1/history/export.xlsx"}
"""Files that take the list's own query and leave its limit alone."""


def _answers(schema: dict[str, Any], forms: dict[str, Any]) -> list[dict[str, Any]]:
    """The forms of an answer."""
    if "$ref" in schema:
        return [forms[schema["$ref"].split("/")[-1]]]
    return [form for one in schema.get("anyOf", []) for form in _answers(one, forms)]


def _silent(document: dict[str, Any]) -> list[str]:
    """Addresses that take a limit and do not say whether there are more."""
    found = []
    for path, verbs in document["paths"].items():
        asked = {one["name"] for one in verbs.get("get", {}).get("parameters", [])}
        if "limit" not in asked or path in NO_LIST:
            continue
        content = verbs["get"]["responses"]["200"]["content"]["application/json"]
        forms = _answers(content["schema"], document["components"]["schemas"])
        if not forms or any(not SAYS & form["properties"].keys() for form in forms):
            found.append(path)
    return found


def test_no_list_is_cut_without_a_word() -> None:
    """Holds and drills ended at a number, as if that were all."""
    assert _silent(openapi()) == []


def test_a_list_that_says_nothing_is_found() -> None:
    document = openapi()
    del document["components"]["schemas"]["LegalHoldListResponse"]["properties"]["more"]
    assert _silent(document) == ["/api/v1/holds"]


@pytest.mark.parametrize(("count", "more"), [(0, False), (2, False), (3, True)])
def test_one_more_row_tells_that_there_are_more(count: int, more: bool) -> None:
    rows = [*range(count)]
    assert first_of(rows, 2) == (rows[:2], more)
