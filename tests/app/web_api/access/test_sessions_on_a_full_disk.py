"""The archive takes nothing any more: who only has to see is let in all the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import NOW, PASSWORD, Centre, Desk, serving
from thapcanh.alerts.accounts.users import MOST_SESSIONS
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.guessing_limits import TRIES
from thapcanh.app.web_api.access.login_service import SESSION_S

SESSION = "/api/v1/session"


@contextmanager
def full(archive: Archive) -> Iterator[None]:
    """SQLite itself says that it is full: no file may grow, and what was free in it is used up."""
    engine = archive.database._engine

    def bound(connection: object, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined] # none more

    def unbound(connection: object, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]

    _add_fillers(archive)
    sa.event.listen(engine, "checkout", bound)
    for fill in (_note, _open_session):
        with pytest.raises(ArchiveUnreachable, match="full"):
            _until_it_fails(archive, fill)
    try:
        yield
    finally:
        sa.event.remove(engine, "checkout", bound)
        sa.event.listen(engine, "checkout", unbound)


def _until_it_fails(archive: Archive, fill: Callable[[Archive, int], None]) -> None:
    for number in range(10_000):
        fill(archive, number)


def _note(archive: Archive, number: int) -> None:
    archive.note_login("filler" * 40, f"10.0.0.{number}", 0.0, succeeded=False)


def _open_session(archive: Archive, number: int) -> None:
    name = f"filler-{number // MOST_SESSIONS}"  # one account keeps few
    archive.add_session(f"{number:064}", name, csrf="", now=NOW, expires_at=NOW + 1)


def _add_fillers(archive: Archive) -> None:
    account = archive.user("an")
    assert account is not None
    for number in range(100):
        archive.save_user(replace(account, username=f"filler-{number}"))


def test_an_officer_logs_in_sees_and_logs_out(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    alert = centre.raise_alert()
    with full(centre.archive), Desk(address) as desk, Desk(address) as other:
        desk.log_in("an")
        assert desk.get(SESSION).json()["user"]["username"] == "an"
        assert desk.get(f"/api/v1/alerts/{alert}").status_code == 200
        other.log_in("an")
        assert desk.delete(SESSION).status_code == 204
        assert desk.get(SESSION).status_code == 401
        assert other.get(SESSION).status_code == 200


def test_it_is_over_with_its_time_its_account_or_its_password(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("binh", Role.OPERATOR)
    centre.add_user("chi", Role.OPERATOR)
    desks = {name: Desk(address) for name in ("an", "binh", "chi")}
    with full(centre.archive):
        for name, desk in desks.items():
            desk.log_in(name)
    for name, change in (("an", {"disabled": True}), ("binh", {"password_hash": "another"})):
        account = centre.archive.user(name)
        assert account is not None
        centre.archive.save_user(replace(account, **change))
    assert [desk.get(SESSION).status_code for desk in desks.values()] == [401, 401, 200]
    centre.clock.at += SESSION_S + 1
    assert desks["chi"].get(SESSION).status_code == 401
    for desk in desks.values():
        desk.close()


def test_wrong_passwords_still_lock_out(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    with full(centre.archive), Desk(address) as desk:
        wrong = {"username": "an", "password": "không đúng"}
        answers = [desk.post(SESSION, json=wrong).status_code for _ in range(TRIES + 1)]
        assert answers == [401] * TRIES + [429]
        right = desk.post(SESSION, json={"username": "an", "password": PASSWORD})
        assert right.status_code == 429


def test_after_a_restart_one_logs_in_again(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    with full(centre.archive), serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        cookies = dict(desk.cookies)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.cookies.update(cookies)
        assert desk.get(SESSION).status_code == 401
        desk.log_in("an")
