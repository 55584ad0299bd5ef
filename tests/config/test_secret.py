"""Passwords never print, whatever the URL looks like."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.secret import SecretUrl, mask_url, resolve_references


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
