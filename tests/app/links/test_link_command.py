"""`thapcanh link` on two sites that run: from an invitation to the end."""

import time
from pathlib import Path

import pytest

from tests.app.links.linked_sites import LinkedSite, sites, two_sites
from thapcanh.alerts.store.roles import Role
from thapcanh.app.cli.main import main

_CAMERA = '[[cameras]]\nid = "cam-1"\nname = "Cổng"\nsource = "rtsp://10.0.0.17/stream2"\n'


def _configured(site: LinkedSite, folder: Path) -> str:
    """Write a configuration of a site's archive and key; return its path."""
    path = folder / "thapcanh.toml"
    archive = f'url = "sqlite:///{folder}/archive.sqlite"\nlog_key = "{folder}/log.key"\n'
    path.write_text(f"[archive]\n{archive}{_CAMERA}", encoding="utf-8")
    return str(path)


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    code = main(["link", *words])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    return printed.out


def test_two_sites_are_linked_shared_and_parted_by_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sites(tmp_path, "Thành phố", "Phường Hoàn Kiếm") as (city, ward):
        upper, lower = (_configured(one, tmp_path / str(n)) for n, one in enumerate((city, ward)))
        code = _said(capsys, "invite", "-c", upper).split()[1]
        city.centre.clock.at = time.time()
        accepted = _said(capsys, "accept", city.address, code, "-c", lower)
        assert str(city.links.own_fingerprint()) in accepted.splitlines()[0]
        own = str(ward.links.own_fingerprint())
        assert own in _said(capsys, "list", "-c", upper).splitlines()[1]
        assert main(["link", "accept", city.address, code, "-c", lower]) == 1
        assert capsys.readouterr().err  # it works once
        link = ward.link.id
        words = ("share", link, "--kind", "fire", "--camera", "cam-1", "--no-pictures")
        shared = _said(capsys, *words, "-c", lower)
        assert "kinds=fire\tareas=*\tcameras=cam-1\tpriority=3\tpictures=no" in shared
        assert ward.link.sharing.kinds == ("fire",)
        assert "as that site signed it" in _said(capsys, "verify", "-c", upper)
        assert "ended" in _said(capsys, "end", link, "-c", lower)
        assert ward.link.ended_at is not None
    assert main(["link", "end", "-c", lower]) == 1
    assert "name the link; see `link list`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shared", "status"),
    [
        ({"areas": ["khong-co"]}, 422),
        ({"areas": []}, 200),
        ({"cameras": ["khong-co"]}, 404),
        ({"cameras": ["cam-1"]}, 200),
    ],
)
def test_nothing_is_shared_that_the_site_does_not_have(
    tmp_path: Path, shared: dict[str, list[str]], status: int
) -> None:
    """Nothing went up then, and nobody was told."""
    with two_sites(tmp_path) as (_, ward), ward.desk("quan", Role.ADMIN) as desk:
        path = f"/api/v1/links/{ward.link.id}/sharing"
        answer = desk.put(path, headers={"X-CSRF-Token": desk.csrf}, json=shared)
        assert answer.status_code == status, answer.text
        assert status != 422 or "khong-co" in answer.text
        told = tuple(shared.get("cameras", ())) if status == 200 else ()
        assert (ward.link.sharing.areas, ward.link.sharing.cameras) == ((), told)
