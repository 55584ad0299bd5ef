"""Who may watch: Digest and Basic, right and wrong, and nothing that shows the password."""

import base64
import hashlib

import pytest

from thapcanh.tools.simulator.errors import BadSetting
from thapcanh.tools.simulator.rtsp.login import REALM, Login, Scheme, parse_login

LOGIN = Login(user="cam", password="s3:cret")


def digest(user: str, password: str, *, nonce: str = "n1", method: str = "DESCRIBE") -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the protocol's own

    uri = "rtsp://h/front"
    response = md5(f"{md5(f'{user}:{REALM}:{password}')}:{nonce}:{md5(f'{method}:{uri}')}")
    return (
        f'Digest username="{user}", realm="{REALM}", nonce="{nonce}", '
        f'uri="{uri}", response="{response}"'
    )


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("proof", [digest("cam", "s3:cret"), basic("cam:s3:cret")])
def test_the_right_password_is_admitted(proof: str) -> None:
    assert LOGIN.admits(proof, method="DESCRIBE", nonce="n1")


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "Digest",
        "Basic",
        "Basic ***",
        "Bearer s3:cret",
        basic("cam:wrong"),
        basic("other:s3:cret"),
        digest("cam", "wrong"),
        digest("other", "s3:cret"),
        digest("cam", "s3:cret", nonce="old"),
        digest("cam", "s3:cret", method="PLAY"),
        digest("cám", "ướt"),
    ],
)
def test_anything_else_is_not(proof: str) -> None:
    assert not LOGIN.admits(proof, method="DESCRIBE", nonce="n1")


def test_a_scheme_that_is_not_offered_is_not_taken() -> None:
    only_digest = Login(user="cam", password="s3:cret", schemes=(Scheme.DIGEST,))
    assert not only_digest.admits(basic("cam:s3:cret"), method="DESCRIBE", nonce="n1")
    assert [text.split()[0] for _, text in only_digest.challenges("n1")] == ["Digest"]


def test_the_password_never_shows() -> None:
    assert "s3:cret" not in repr(LOGIN)


@pytest.mark.parametrize("text", ["cam", "cam:", ":secret", ""])
def test_half_a_login_is_refused(text: str) -> None:
    with pytest.raises(BadSetting):
        parse_login(text)


def test_a_password_may_hold_colons() -> None:
    assert parse_login("cam:a:b").password == "a:b"
