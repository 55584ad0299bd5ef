"""Addresses of queue, archive and screens: what cannot be opened is told, without its password."""

from pathlib import Path

import pytest

from app.site_file import load_site

KEYS = {"centre": "public_url"}


@pytest.mark.parametrize(
    ("section", "url", "expected"),
    [
        ("queue", "rediss//:geheim@q/0", "queue.url: rediss//:<secret>@q/0 has no known scheme"),
        ("queue", "http://q:6379", "queue.url: http://q:6379 has no known scheme"),
        ("queue", "redis:///0", "queue.url: redis:///0 has no host"),
        ("queue", "redis://:geheim@q:99999/0", "a port that is not a number from 0 to 65535"),
        ("archive", "mysql://u:geheim@db/x", "archive.url: mysql://u:<secret>@db/x has no known"),
        ("archive", "postgresql://u:geheim@db:x/y", "a port that is not a number"),
        ("centre", "trucban.example", "centre.public_url: is not an address such as https://"),
        ("centre", "https://u:geheim@trucban.example", "centre.public_url: is not an address"),
        ("centre", "https://trucban.example/wall", "centre.public_url: has something behind"),
        ("centre", "http://127.0.0.1:8080", "centre.public_url: 127.0.0.1 means this machine"),
        ("archive", "thapcanh.db", "archive.url: thapcanh.db has no known scheme"),
    ],
)
def test_an_address_that_cannot_be_opened_is_named(
    tmp_path: Path, section: str, url: str, expected: str
) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(f'[{section}]\n{KEYS.get(section, "url")} = "{url}"\n', encoding="utf-8")
    loaded = load_site(path, environ={})
    assert loaded.site is None
    said = [str(problem) for problem in loaded.problems]
    assert len(said) == 1
    assert expected in said[0]
    assert "geheim" not in said[0]


@pytest.mark.parametrize(
    ("section", "url"),
    [
        ("queue", "redis://:pw@q.example:6379/0"),
        ("queue", "rediss://q.example"),
        ("queue", "unix:///run/valkey.sock?db=1"),
        ("archive", "postgresql+psycopg://u:pw@db.example/thapcanh"),
        ("archive", "postgresql:///thapcanh?host=/run/postgresql"),
        ("archive", "sqlite:////var/lib/thapcanh/archive.sqlite"),
    ],
)
def test_an_address_that_can_be_opened_is_fine(tmp_path: Path, section: str, url: str) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(f'[{section}]\n{KEYS.get(section, "url")} = "{url}"\n', encoding="utf-8")
    assert load_site(path, environ={}).problems == ()


def test_a_password_that_breaks_its_address_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "thapcanh.toml"
    camera = '[[cameras]]\nid = "{}"\nname = "A"\nsource = "{}"\n'
    sources = ("rtsp://u:gehe#im@h/x", "rtsp://u:gehe/im@h/x", "rtsp:/u:geheim@h/x", "u:geheim@h/x")
    text = "".join(camera.format(f"c{i}", source) for i, source in enumerate(sources))
    path.write_text(text, encoding="utf-8")
    said = [str(problem) for problem in load_site(path, environ={}).problems]
    assert len(said) == len(sources)
    assert not [line for line in said if "gehe" in line]
