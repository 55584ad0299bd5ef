"""What strangers write is shown to officers and the public: nothing in it hides or turns text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import BaseModel, ValidationError

from thapcanh.alerts.store.plain_text import legible
from thapcanh.app.calls.citizen_message_schemas import CitizenMessageRequest
from thapcanh.app.centre.web.application import openapi
from thapcanh.app.facilities.facility_schemas import FacilityRequest
from thapcanh.app.public_notices.public_notice_schemas import RedraftNoticeRequest
from thapcanh.app.web_api import schemas
from thapcanh.app.web_api.schemas import ApiModel, SpokenModel

HOSTILE = "Chợ\u202e <b>Hàng</b>\x0b Bài\u2066\ufeff\ufffe"
LEGIBLE = "Chợ <b>Hàng</b> Bài"


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _models(one)


def _is_free_text(field: Any) -> bool:
    return r"\x00" in f"{field.metadata} {field.annotation}"


_NOT_SPOKEN = {
    "CodeShown", "KeyShown",  # what their owner alone reads
    "FormPart", "FormRow", "StatisticForm",  # the site's own file
    "LoginRequest", "NewDutyRequest", "PtzGoRequest", "RuleTrialRequest",  # names as they are kept
    "UnitFileRequest",  # a file, read line by line
}  # fmt: skip


def test_every_form_leaves_out_what_hides_letters() -> None:
    """Officers' notes, reasons and purposes stand on papers, and a crew's words at every desk."""
    openapi()  # knows every form
    forms = {
        one
        for one in _models(BaseModel)
        if one.__module__.startswith("thapcanh.app.")
        and not issubclass(one, ApiModel)
        and any(_is_free_text(field) for field in one.model_fields.values())
    }
    assert len(forms) > 40
    assert {one.__name__ for one in forms if not issubclass(one, SpokenModel)} == _NOT_SPOKEN


def test_every_form_refuses_what_is_nested_too_deep() -> None:
    """A caller's page, which asks for no login, answered with a fault and a page of log each."""
    openapi()
    deep = json.loads("[" * 700 + "]" * 700)
    forms = list(_models(SpokenModel))
    assert len(forms) > 40
    for one in forms:
        with pytest.raises(ValidationError, match="nested too deep"):
            one.model_validate({"text": deep})


def test_marks_are_left_out_and_what_is_only_marks_is_nothing() -> None:
    place: dict[str, Any] = {"text": HOSTILE}
    one = FacilityRequest.model_validate(
        {"name": HOSTILE, "kind": "market", "hazards": [HOSTILE], "place": place}
    )
    assert (one.name, one.hazards, one.place.text) == (LEGIBLE, [LEGIBLE], LEGIBLE)
    told = CitizenMessageRequest.model_validate({"channel": "zalo", "text": f"dòng 1\n{HOSTILE}"})
    assert told.text == f"dòng 1\n{LEGIBLE}"
    with pytest.raises(ValueError, match="at least 1 character"):
        FacilityRequest.model_validate({"name": "\u202e\x01", "kind": "market"})


def test_a_notice_with_control_characters_still_is_xml() -> None:
    wanted = RedraftNoticeRequest.model_validate(
        {"title": f"Vụ cháy {HOSTILE}", "text": HOSTILE, "draft": 1}
    )
    feed = ElementTree.Element("feed")
    feed.text = wanted.title + wanted.text
    assert ElementTree.fromstring(ElementTree.tostring(feed)).text == feed.text  # noqa: S314 ours
    assert legible("\0") == "\0"  # refused elsewhere, in words


def test_what_every_form_refuses_is_written_in_one_place() -> None:
    app = Path(schemas.__file__).parents[1]
    found = [path for path in app.rglob("*.py") if r"[^\x00]*" in path.read_text(encoding="utf-8")]
    assert found == [Path(schemas.__file__)]
