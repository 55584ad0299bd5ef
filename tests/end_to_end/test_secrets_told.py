"""That the looking for passwords finds them, however they are written."""

import base64
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.end_to_end.running_site import CAMERA_LOGIN, PASSWORD, SECRETS

CAMERA_PASSWORD = CAMERA_LOGIN.partition(":")[2]


@pytest.mark.parametrize(
    "told",
    [
        f"login with {PASSWORD} failed",
        f"rtsp://viewer:{quote(CAMERA_PASSWORD)}@10.0.0.1/a",
        f"Authorization: Basic {base64.b64encode(CAMERA_LOGIN.encode()).decode()}",
        '{"password": "b\\u00ed-m\\u1eadt-camera"}',
    ],
)
def test_a_password_is_found_in_answers_and_files(told: str, tmp_path: Path) -> None:
    request = httpx.Request("GET", "http://site/api/v1/alerts")
    with pytest.raises(AssertionError, match="tells a secret"):
        SECRETS.look_at_answer(httpx.Response(200, content=told.encode(), request=request))
    (tmp_path / "log.txt").write_text(told, encoding="utf-8")
    with pytest.raises(AssertionError, match=r"log\.txt tells a secret"):
        SECRETS.look_at_files(tmp_path)


def test_what_tells_none_passes(tmp_path: Path) -> None:
    (tmp_path / "thapcanh.toml").write_text(PASSWORD, encoding="utf-8")
    (tmp_path / "log.txt").write_text("rtsp://viewer:<secret>@10.0.0.1/a", encoding="utf-8")
    assert SECRETS.look_at_files(tmp_path) == 1
