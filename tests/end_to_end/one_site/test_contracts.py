"""What docs/integration.md shows to programs, word for word, against a site that runs."""

import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import redis

import thapcanh
from tests.end_to_end.running_site import RunningSite, eventually

pytestmark = pytest.mark.end_to_end
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
PROGRAMS = PAGE.split("\n## For programs\n")[1].split("\n## ")[0]


def _shown(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(
        rf"^```{language}\n(.*?)^```$", PROGRAMS, re.MULTILINE | re.DOTALL
    )
    return found[number]


@pytest.fixture(scope="module")
def token(watch: RunningSite) -> str:
    """As the page has it made."""
    command = re.search(r"^thapcanh (token add [^#]*)", _shown("sh"), re.MULTILINE)
    assert command is not None
    words = [sys.executable, "-m", "thapcanh", *command[1].split(), "-c", "thapcanh.toml"]
    path = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=watch.folder, env=os.environ | path, capture_output=True, text=True, check=True
    )
    return done.stdout.split("token: ")[1].split()[0]


@pytest.fixture(scope="module")
def reader_url(watch: RunningSite) -> str:
    """The queue's address for a user who has the rights on the page, and no others."""
    with watch.desk() as desk:
        eventually(lambda: desk.alerts(kind="fire"), 90.0, "the burning camera's alert")
    (path,) = watch.folder.rglob("queue.url")
    admin = path.read_text(encoding="utf-8").strip()
    _, name, *rules = _shown("text", 1).replace("PASSWORD", "word").split()
    assert name == "reader"
    with redis.Redis.from_url(admin) as client:
        client.execute_command("ACL", "SETUSER", name, *rules)
    return re.sub(r"//[^@]*@", f"//{name}:word@", admin)


def test_the_reader_of_the_page_reads_the_fire(reader_url: str, tmp_path: Path) -> None:
    code = _shown("python", 1)
    assert len(code.splitlines()) <= 15
    program = tmp_path / "reader.py"
    program.write_text(code, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(program), reader_url], stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        lines: list[list[str]] = []
        while not lines or lines[-1][2] != "fire":
            lines.append(reader.stdout.readline().split())
        reader.kill()
    assert lines[-1][1:] == ["fire", "fire", "raised", "P1"]
    assert "self_test" not in {line[2] for line in lines}


def test_a_reader_may_nothing_but_read(reader_url: str) -> None:
    with redis.Redis.from_url(reader_url) as client:
        for order in (("XADD", "thapcanh:events:v1", "*", "a", "b"), ("GET", "thapcanh:phones"),
                      ("XTRIM", "thapcanh:events:v1", "MAXLEN", "0"), ("KEYS", "*")):  # fmt: skip
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*order)
    kept = list(thapcanh.read_alerts(reader_url, after="0", until_empty=True))
    first = next(each for each in kept if each.kind == "fire")
    assert (first.camera, first.phase.value) == ("fire", "raised")
    assert "self_test" not in {each.kind for each in kept}


def test_the_library_of_the_page_follows_the_site(
    watch: RunningSite, token: str, reader_url: str
) -> None:
    code = _shown("python").replace("https://canh.example", watch.url).replace("TOKEN", token)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip
    assert "fire fire P1" in done.stdout
    alert, *_ = islice(thapcanh.follow(watch.url, token), 1)
    assert alert.camera in {"fire", "quiet"}


def test_the_requests_of_the_page_are_answered(watch: RunningSite, token: str) -> None:
    orders = re.findall(r"^(curl [^#\n]*)", _shown("sh"), re.MULTILINE)
    assert len(orders) == 2
    for order in orders:
        text = order.replace("https://canh.example", watch.url).replace("TOKEN", token)
        done = subprocess.run(
            ["bash", "-c", text], capture_output=True, text=True, timeout=60, check=True
        )
        assert '"openapi"' in done.stdout or '"items"' in done.stdout
