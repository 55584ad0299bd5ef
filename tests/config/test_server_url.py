"""Addresses of queue, archive and screens: what cannot be opened is told, without its password."""

from pathlib import Path

import pytest

from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import queue_address
from thapcanh.config.load import Loaded

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


def queue_of(folder: Path, lines: str, **environ: str) -> Loaded:
    path = folder / "thapcanh.toml"
    path.write_text(f"[queue]\n{lines}\n", encoding="utf-8")
    return load_site(path, environ=environ)


def test_sentinels_have_passwords_of_their_own_which_are_never_shown(tmp_path: Path) -> None:
    """A secret in a list was not resolved."""
    lines = (
        'url = "rediss://:${env:QUEUE}@thapcanh/0"\n'
        'sentinels = ["redis://:${env:WATCH}@10.0.0.1:26379", "10.0.0.2"]\n'
    )
    wrong = queue_of(tmp_path, lines, QUEUE="geheim", WATCH="ge/heim")
    assert [str(one).partition("queue.")[2] for one in wrong.problems] == [
        "sentinels[1]: 10.0.0.2 has no known scheme, expected one of redis://, rediss://"
    ]
    site = queue_of(tmp_path, lines.replace("10.0.0.2", "rediss://s2"), QUEUE="a", WATCH="ge/heim")
    assert site.site is not None
    assert "ge" not in repr(site.site.queue.sentinels)
    address = queue_address(site.site)
    assert address.sentinels == ("redis://:ge%2Fheim@10.0.0.1:26379", "rediss://s2")
    assert "heim" not in repr(address)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('sentinels = ["redis://s"]', "sentinels needs a url: redis://:PASSWORD@SERVICE/0"),
        ('url = "redis://:geheim@q:6379/0"\nsentinels = ["redis://s"]', "without a port"),
        ('url = "unix:///run/q"\nsentinels = ["redis://s"]', "names their service"),
        ('url = "redis://q"\nsentinels = ["redis://:geheim@s/0"]', "a sentinel has no databases"),
        ('url = "redis://q"\nsentinels = ["redis://:${env:NO}@s"]', "NO is not set"),
    ],
)
def test_sentinels_that_cannot_be_asked_are_named(
    tmp_path: Path, lines: str, expected: str
) -> None:
    loaded = queue_of(tmp_path, lines)
    assert loaded.site is None
    (said,) = map(str, loaded.problems)
    assert expected in said
    assert "geheim" not in said
