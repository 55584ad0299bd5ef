"""The second factor: enrolled, asked for at the login, and every way in which it is not shown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import PASSWORD, Centre, Desk
from thapcanh.alerts.accounts.second_factors import SecondFactorRepository, StoredFactor
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.factor_secrets import factor_secrets, stored_secrets
from thapcanh.app.web_api.access.second_factor_routes import FRESH_S
from thapcanh.app.web_api.access.second_factors import TICKET_S, TRIES
from thapcanh.app.web_api.errors import ApiError

API = "/api/v1"
MakeDesk = Callable[..., Desk]


def _post(desk: Desk, path: str, **body: Any) -> Any:
    return desk.post(f"{API}/{path}", json=body, headers={"X-CSRF-Token": desk.csrf})


def _enrolled(desk: Desk, centre: Centre) -> str:
    begun = _post(desk, "second-factors/code").json()
    code = pyotp.TOTP(begun["secret"]).at(int(centre.clock.at))
    made = _post(
        desk, "second-factors/code/confirm", ticket=begun["ticket"], code=code, name="phone"
    )
    assert made.status_code == 201, made.text
    return str(begun["secret"])


def _requested(address: str, name: str) -> dict[str, Any]:
    with Desk(address) as other:
        answer = _post(other, "session", username=name, password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (401, "second_factor_needed")
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def leader(desk_of: MakeDesk) -> Desk:
    return desk_of("le", Role.LEADER)


def test_a_leader_logs_in_with_password_and_code(
    leader: Desk, centre: Centre, address: str
) -> None:
    secret = _enrolled(leader, centre)
    asked = _requested(address, "le")
    assert asked["methods"] == ["totp"]
    centre.clock.at += 60
    code = pyotp.TOTP(secret).at(int(centre.clock.at))
    with Desk(address) as other:
        answer = _post(other, "session/second-factor", ticket=asked["ticket"], code=code)
        assert answer.status_code == 200, answer.text
        assert other.get(f"{API}/session").json()["user"]["username"] == "le"
        again = _requested(address, "le")
        replay = _post(other, "session/second-factor", ticket=again["ticket"], code=code)
        assert replay.json()["error"] == "wrong_second_factor"  # a code opens once
    entries = [entry.action for entry in centre.archive.log_of("le")]
    assert entries.count("second_factor_added") == 1
    assert "secret" not in str(centre.archive.log_of("le"))
    listed = leader.get(f"{API}/second-factors")
    assert listed.json()["items"][0]["name"] == "phone"
    assert secret not in listed.text


def test_the_password_alone_opens_nothing(leader: Desk, centre: Centre, address: str) -> None:
    _enrolled(leader, centre)
    asked = _requested(address, "le")
    with Desk(address) as other:
        wrongs: tuple[dict[str, Any], ...] = (
            {"code": "000000"},
            {"assertion": {}},
            {"assertion": {"id": "x"}},
            {},
        )
        for wrong in wrongs:
            answer = _post(other, "session/second-factor", ticket=asked["ticket"], **wrong)
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert _post(other, "session/second-factor", ticket="invented", code="123456").json()[
            "error"
        ] == "login_again"  # fmt: skip


def test_a_ticket_is_good_for_few_tries_and_minutes(
    leader: Desk, centre: Centre, address: str
) -> None:
    secret = _enrolled(leader, centre)
    centre.clock.at += 60
    right = pyotp.TOTP(secret).at(int(centre.clock.at))
    with Desk(address) as other:
        asked = _requested(address, "le")
        for _ in range(TRIES):
            _post(other, "session/second-factor", ticket=asked["ticket"], code="000000")
        tried = _post(other, "session/second-factor", ticket=asked["ticket"], code=right)
        assert tried.json()["error"] == "login_again"
        asked = _requested(address, "le")
        centre.clock.at += TICKET_S + 1
        late = pyotp.TOTP(secret).at(int(centre.clock.at))
        tried = _post(other, "session/second-factor", ticket=asked["ticket"], code=late)
        assert tried.json()["error"] == "login_again"


def test_factors_are_changed_only_soon_after_the_login_and_by_their_owner(
    leader: Desk, centre: Centre, desk_of: MakeDesk
) -> None:
    _enrolled(leader, centre)
    factor = leader.get(f"{API}/second-factors").json()["items"][0]["id"]
    other = desk_of("ad", Role.ADMIN)
    headers = {"X-CSRF-Token": other.csrf}
    assert other.delete(f"{API}/second-factors/{factor}", headers=headers).status_code == 404
    begun = _post(leader, "second-factors/code").json()
    stolen = _post(
        other, "second-factors/code/confirm", ticket=begun["ticket"], code="123456", name="x"
    )
    assert stolen.json()["error"] == "login_again"
    centre.clock.at += FRESH_S + 1
    headers = {"X-CSRF-Token": leader.csrf}
    refused = leader.delete(f"{API}/second-factors/{factor}", headers=headers)
    assert refused.json()["error"] == "login_again"
    assert _post(leader, "second-factors/code").status_code == 403
    operator = desk_of("an", Role.OPERATOR)
    assert operator.get(f"{API}/second-factors").status_code == 403


def _code_factor(centre: Centre) -> StoredFactor:
    return SecondFactorRepository(centre.archive.database).of("le")[0]


def test_a_generators_secret_is_encrypted_in_the_archive(
    leader: Desk, centre: Centre, address: str, tmp_path: Path
) -> None:
    secret = _enrolled(leader, centre)
    with centre.archive.database.reading() as connection:
        rows = str(connection.execute(sa.text("SELECT * FROM second_factor")).all())
    assert secret not in rows
    assert "f1:" in rows
    kept = _code_factor(centre)
    assert centre.factor_secrets.opened(kept) == secret
    assert not centre.factor_secrets.opened(replace(kept, username="an"))  # moved to another
    assert not centre.factor_secrets.opened(replace(kept, secret=secret))  # put there in clear
    other = factor_secrets(tmp_path / "other.key")
    assert not other.opened(kept)
    assert (tmp_path / "other.key").stat().st_mode & 0o777 == 0o600
    again = factor_secrets(tmp_path / "other.key")
    assert again.opened(other.sealed(replace(kept, secret=secret))) == secret


def test_a_secret_of_an_earlier_version_is_encrypted_at_the_start(
    leader: Desk, centre: Centre, address: str, tmp_path: Path
) -> None:
    secret = _enrolled(leader, centre)
    kept = SecondFactorRepository(centre.archive.database)
    kept.replace_secret(_code_factor(centre), secret)  # as the version before stored it
    key = tmp_path / "second-factor.key"
    for _ in range(2):  # the next start finds nothing to do
        centre.factor_secrets = stored_secrets(key, centre.archive.database)
        assert _code_factor(centre).secret.startswith("f1:")
    assert centre.factor_secrets.opened(_code_factor(centre)) == secret


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff\x00", None])
def test_without_its_key_no_code_is_right_and_the_centre_starts(
    content: bytes | None, centre: Centre, tmp_path: Path
) -> None:
    key = tmp_path / "second-factor.key"
    if content is None:
        key.mkdir()
    else:
        key.write_bytes(content)
    lost = stored_secrets(key, centre.archive.database)
    factor = StoredFactor(
        id="1", username="le", kind="totp", name="phone", secret="f1:x", created_at=1.0
    )
    assert not lost.opened(factor)
    with pytest.raises(ApiError) as refused:
        lost.sealed(factor)
    assert refused.value.status == 503
    assert lost.sealed(replace(factor, kind="key")).secret == "f1:x"  # public anyway
