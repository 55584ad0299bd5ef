"""What is wrong with a file of cameras, in the language of who sends it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import Role
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

PATH = "/api/v1/registry"


@pytest.fixture
def keeper(
    standing_centre: Centre, standing_address: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    registry = RegistryConfig(source="database")
    standing_centre.site.replace(standing_centre.site().model_copy(update={"registry": registry}))
    standing_centre.add_user("ky-thuat", Role.TECHNICIAN)
    with Desk(standing_address) as desk:
        yield desk.log_in("ky-thuat")


@pytest.mark.parametrize(
    ("language", "number", "twice", "unreadable"),
    [
        (
            "vi",
            "phải là số",
            "'a' đã có ở dòng 2",
            "Không đọc được tệp: dòng tiêu đề có cột lạ 'tên'; mỗi cột",
        ),
        (
            "en",
            "wrong type, expected a number",
            "'a' stands on line 2 already",
            "The file cannot be read: line 1: unknown columns 'tên'; expected each once",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(
    keeper: Desk, language: str, number: str, twice: str, unreadable: str
) -> None:
    headers = {"X-CSRF-Token": keeper.csrf, "Accept-Language": language}

    def said(text: str) -> dict[str, Any]:
        path, params = f"{PATH}/cameras/import", {"format": "csv"}
        answer = keeper.post(path, params=params, headers=headers, content=text.encode())
        return dict(answer.json())

    lines = "a,A,rtsp://10.0.0.1/x,bắc\na,A,rtsp://10.0.0.1/x,\n"
    problems = said(f"id,name,source,lat\n{lines}")["problems"]
    assert [(one["path"], one["message"]) for one in problems] == [("lat", number), ("id", twice)]
    assert said("id,tên\n")["detail"].startswith(unreadable)
