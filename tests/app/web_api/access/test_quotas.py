"""Accounts: a wall ends with its maker, nobody takes all places, what is made is in the log."""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.web_api.centre import Centre, Desk, paired_wall
from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.users import MOST_SESSIONS
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cli.main import main
from thapcanh.app.live.whip import phone_links
from thapcanh.app.live.whip.phone_links import MAX_LINKS_OF_OWNER
from thapcanh.app.site.site_file import load_site, load_worker_site
from thapcanh.app.supervisor.child import ChildSpec, environment_of
from thapcanh.app.supervisor.supervisor import specs_of
from thapcanh.app.walls import walls

API = "/api/v1"
MakeDesk = Callable[..., Desk]


def test_a_wall_ends_with_its_maker_and_sees_no_more_than_they(
    centre: Centre, desk_of: MakeDesk, address: str
) -> None:
    leader = desk_of("le", Role.LEADER)
    maker = centre.archive.user("le")
    assert maker is not None
    with closing(paired_wall(leader, address, "hall")) as wall:
        assert len(wall.get(f"{API}/cameras").json()["items"]) == 3
        narrow = DataFilter(agencies=frozenset({"pc07"}))
        centre.archive.save_user(replace(maker, scope=narrow))
        assert len(wall.get(f"{API}/cameras").json()["items"]) == 1
        centre.archive.save_user(replace(maker, roles=frozenset({Role.OPERATOR})))
        assert wall.get(f"{API}/cameras").status_code == 401
        centre.archive.save_user(replace(maker, disabled=True))
        assert wall.get(f"{API}/cameras").status_code == 401


def test_one_leader_takes_no_places_of_others(desk_of: MakeDesk) -> None:
    leader, other = desk_of("le", Role.LEADER), desk_of("lan", Role.LEADER)
    order = {"name": "phone", "minutes": 5}
    for desk, count, expected in ((leader, MAX_LINKS_OF_OWNER, 503), (other, 0, 201)):
        headers = {"X-CSRF-Token": desk.csrf}
        for _ in range(count):
            made = desk.post(f"{API}/phone-links", json=order, headers=headers)
            assert made.status_code == 201, made.text
        answer = desk.post(f"{API}/phone-links", json=order, headers=headers)
        assert answer.status_code == expected


def test_the_oldest_session_ends_where_an_account_has_too_many(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    for number in range(MOST_SESSIONS + 2):
        centre.archive.add_session(f"{number:064d}", "an", "c", float(number), 1e12)
    found = [centre.archive.session(f"{n:064d}", 1e9) for n in range(MOST_SESSIONS + 2)]
    assert [one is not None for one in found] == [False] * 2 + [True] * MOST_SESSIONS


def test_one_agency_takes_no_links_walls_or_sessions_of_others(
    centre: Centre, desk_of: MakeDesk, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_links, "MAX_LINKS_OF_AGENCY", 2)
    monkeypatch.setattr(walls, "MOST_OF_AGENCY", 1)
    monkeypatch.setattr(users, "MOST_SESSIONS_OF_AGENCY", 2)
    pc07, csgt = (DataFilter(agencies=frozenset({name})) for name in ("pc07", "csgt"))
    first = desk_of("a", Role.LEADER, pc07)
    centre.clock.at += 1
    second = desk_of("b", Role.LEADER, pc07)
    other, whole = desk_of("c", Role.LEADER, csgt), desk_of("d", Role.LEADER)
    answers = [_link(desk, name) for desk, name in (
        (first, "pc07"), (second, "pc07"), (first, "pc07"), (other, "csgt"), (whole, "pc07"),
    )]  # fmt: skip
    assert answers == [201, 201, 503, 201, 201]
    paired_wall(first, address, "hall").close()
    with Desk(address) as wall:
        asked = wall.post(f"{API}/walls/pairing").json()
    headers = {"X-CSRF-Token": second.csrf}
    body = {"code": asked["code"], "name": "second"}
    refused = second.post(f"{API}/walls", json=body, headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (409, "too_many_walls")
    paired_wall(other, address, "elsewhere").close()
    desk_of("e", Role.LEADER, pc07)  # a third of the agency: its oldest session ends
    found = [desk.get(f"{API}/session").status_code for desk in (first, second, other, whole)]
    assert found == [401, 200, 200, 200]
    assert len([one for one in centre.archive.users() if one.made_by]) == 2


def _link(desk: Desk, agency: str) -> int:
    order = {"name": "phone", "minutes": 5, "agency": agency}
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"{API}/phone-links", json=order, headers=headers).status_code


def test_links_and_logins_stand_in_the_log(centre: Centre, desk_of: MakeDesk, address: str) -> None:
    leader = desk_of("le", Role.LEADER)
    with closing(paired_wall(leader, address, "hall")) as wall:
        name = wall.get(f"{API}/session").json()["user"]["username"]
    (let_in,) = centre.archive.log_of(name)
    assert (let_in.action, let_in.actor) == ("wall_let_in", "le")
    assert "logged_in" in [entry.action for entry in centre.archive.log_of("le")]


def test_what_we_write_is_nobody_elses_to_read(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        main(["check", "-c", str(tmp_path / "none.toml")])
        (tmp_path / "made").write_text("x", encoding="utf-8")
        assert (tmp_path / "made").stat().st_mode & 0o077 == 0
    finally:
        os.umask(before)


def test_secrets_stay_out_of_childrens_environment() -> None:
    mine = {"PATH": "/bin", "CAMERA_PASSWORD": "x", "THAPCANH_ADMIN_PASSWORD": "y"}
    assert environment_of(_spec("queue"), mine) == {"PATH": "/bin"}
    assert environment_of(_spec("worker-0"), mine) == {"PATH": "/bin", "CAMERA_PASSWORD": "x"}
    assert environment_of(_spec("centre"), mine) == mine


def test_a_worker_is_told_no_secret_of_the_centre_and_reads_its_site_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        '[site]\ndata_dir = "data"\n'
        '[archive]\nurl = "postgresql+psycopg://t:${env:ARCHIVE_PASSWORD}@db.example/t"\n'
        '[metrics]\ntoken = "${env:SHARED}-0123456789abcdef"\n'
        '[[cameras]]\nid = "a"\nname = "A"\n'
        'source = "rtsp://u:${env:CAMERA_PASSWORD}@10.0.0.1/${env:SHARED}"\n',
        encoding="utf-8",
    )
    mine = {"ARCHIVE_PASSWORD": "pa", "CAMERA_PASSWORD": "pc", "SHARED": "s", "PATH": "/bin"}
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    specs = specs_of(load_site(path, mine).site_or_raise(), path, tmp_path)
    told = {spec.name: environment_of(spec, mine) for spec in specs}
    assert told["centre"] == mine
    assert told["worker-0"] == {name: mine[name] for name in mine if name != "ARCHIVE_PASSWORD"}
    assert load_site(path, told["worker-0"]).site is None
    with path.open("a", encoding="utf-8") as file:  # workers read a registry in the archive
        file.write('[registry]\nsource = "database"\n')
    assert environment_of(specs[-1], mine) == mine
    path.write_text(path.read_text("utf-8").rpartition("[registry]")[0], encoding="utf-8")
    loaded = load_worker_site(path, told["worker-0"])
    assert not loaded.problems
    assert [camera.id for camera in loaded.site_or_raise().cameras] == ["a"]


def _spec(name: str) -> ChildSpec:
    return ChildSpec(name=name, arguments=(), stage=0)
