"""Passwords never print, whatever the URL looks like."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from thapcanh.config.secret import SecretUrl, mask_url, resolve_references
from thapcanh.ingest.errors import Unsupported
from thapcanh.ingest.sources.libav_connection import open_libav


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://u:pw@h:554/a?x=1", "rtsp://u:<secret>@h:554/a?x=1"),
        ("rtsp://u@h/a", "rtsp://u@h/a"),
        ("rtsp://u:p@w@h/a", "rtsp://u:<secret>@h/a"),
        ("http://h/a?user=x&pwd=pw&token=pw", "http://h/a?user=x&pwd=<secret>&token=<secret>"),
        ("redis://:pw@h:6379/0", "redis://:<secret>@h:6379/0"),
        ("/videos/fire.mp4", "/videos/fire.mp4"),
        ("rtsp://u:pw@[bad/a", "rtsp://u:<secret>@[bad/a"),
        ("rtsp://u:p/w@h/a", "rtsp://u:<secret>@h/a"),
        ("rtsp://u:p#w@h/a", "rtsp://u:<secret>@h/a"),
        ("rtsp://u:p?w@h/a", "rtsp://u:<secret>@h/a"),
        ("rtsp:/u:pw@h/a", "rtsp:/u:<secret>@h/a"),
        ("rtsp:///u:pw@h/a", "rtsp:///u:<secret>@h/a"),
        ("redis//:pw@h/0", "redis//:<secret>@h/0"),
        ("u:pw@h/a", "u:<secret>@h/a"),
        ("http://h/a@b?token=pw", "http://h/a@b?token=<secret>"),
        (
            "rtsp://h:554/user=u&password=pw&channel=1&stream=0.sdp",
            "rtsp://h:554/user=u&password=<secret>&channel=1&stream=0.sdp",
        ),
        (
            "rtsp://h/user=u_password=p_w&x=1_channel=1_stream=0.sdp?real_stream",
            "rtsp://h/user=u_password=<secret>_channel=1_stream=0.sdp?real_stream",
        ),
        ("rtsp://h/user=u&password=&channel=1", "rtsp://h/user=u&password=&channel=1"),
        ("rtsp://h/user=u&password=p/w", "rtsp://h/user=u&password=<secret>"),
    ],
)
def test_mask(url: str, shown: str) -> None:
    assert mask_url(url) == shown


@example("//000000")
@given(st.text(alphabet="abcXYZ019!$%^&*()_+-=~;,./?#:@", min_size=8, max_size=20))
def test_no_password_survives(password: str) -> None:
    secret = SecretUrl(f"rtsp://viewer:{password}@camera.example/path")
    assert password not in str(secret)
    assert password not in repr(secret)
    assert password in secret.reveal()


def test_missing_reference_names_the_variable_not_a_value() -> None:
    with pytest.raises(LookupError, match="NOPE"):
        resolve_references("rtsp://${env:NOPE}@h", {})


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://10.0.0.1/a\r\nTEARDOWN rtsp://10.0.0.2/ RTSP/1.0",
        "rtsp://us%0d%0aer:pass@10.0.0.1/",
        "http://10.0.0.1/%0A",
        "rtsp://10.0.0.1/a\x00b",
        "rtsp://10.0.0.1/\x7f",
        "rtsp://10.0.0.1/%1B",
    ],
)
def test_an_address_that_ends_its_line_is_refused_wherever_it_is_written(address: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        TypeAdapter(SecretUrl).validate_python(address)
    with pytest.raises(Unsupported, match="control character"):
        open_libav(SecretUrl(address), {}, timeouts_s=(1.0, 1.0))
    assert TypeAdapter(SecretUrl).validate_python("rtsp://10.0.0.1/%C3%A1%20b").reveal()
