"""Two centres are brought to a newer program one after the other, while events arrive.

As docs/servers.md says it: the standby first, then the one that led.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.app.centre.several.centre_process import CentreProcess, Officer, eventually
from tests.app.centre.several.programs import RELEASED, UNFENCED, next_program, program_of
from tests.app.centre.several.two_centres import Site
from tests.patience import PATIENCE_S

_START_S = 300.0


@contextmanager
def events(site: Site, rate: float = 5.0) -> Iterator[None]:
    """Send events all the time."""
    stopping = threading.Event()

    def send() -> None:
        while not stopping.wait(1.0 / rate):
            site.send(1)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stopping.set()
        sender.join()


def _stores_what_comes(site: Site) -> None:
    later = site.sent + 20
    eventually(lambda: site.fires() > later, "what came later is stored")


def _replace(centre: CentreProcess, program: Path) -> None:
    centre.stop()
    centre.program = program
    centre.begin()
    eventually(centre.answers, "it answers with the newer program", _START_S)


def _health(centre: CentreProcess) -> tuple[int, str]:
    answer = httpx.get(f"{centre.url}/healthz", timeout=PATIENCE_S)
    return answer.status_code, answer.json()["status"]


def _acknowledge_newest(officer: Officer, at: CentreProcess, key: str) -> int:
    newest = next(alert for alert in officer.alerts(at.url) if alert["state"] == "new")
    return officer.act(at.url, newest, "acknowledge", key).status_code


def _upgrade(site: Site, newer: Path) -> tuple[CentreProcess, CentreProcess]:
    """Replace the standby's program; return the old leader, and the new one once it leads."""
    old, new = site.both_run(in_turn=True)
    _stores_what_comes(site)
    _replace(new, newer)
    eventually(lambda: site.leader() is new, "the newer program leads")
    _stores_what_comes(site)
    officer = site.officer([new.url])
    assert _acknowledge_newest(officer, old, "k1") == 503, "an older program stores nothing"
    assert _acknowledge_newest(officer, new, "k2") == 200
    return old, new


def _finish(site: Site, old: CentreProcess, new: CentreProcess) -> None:
    """Replace the other one's; nothing was lost, and the log vouches for every row."""
    _replace(old, new.program)
    eventually(lambda: _health(old)[1] != "centre_outdated", "it stores again")
    assert site.leader() is new
    assert _acknowledge_newest(site.officer([old.url]), old, "k3") == 200


def _is_updated(site: Site, newer: Path) -> None:
    """Both, one after the other, while events arrive; the older one knows that it is."""
    with events(site):
        old, new = _upgrade(site, newer)
        assert _health(old) == (503, "centre_outdated")
        assert "leaves the lead to another" in old.log.read_text(encoding="utf-8")
        _finish(site, old, new)
    eventually(lambda: site.fires() == site.sent, "all is stored, each once")
    new.run("verify")


def test_centres_are_updated_one_after_the_other_while_events_arrive(
    site: Site, tmp_path: Path
) -> None:
    _is_updated(site, next_program(tmp_path / "next"))


def test_centres_of_the_last_release_are_updated_to_this_program(
    site: Site, tmp_path: Path
) -> None:
    newer = site.centres[0].program
    released = program_of(RELEASED, tmp_path / "released")
    for centre in site.centres:
        centre.program = released
    _is_updated(site, newer)


def test_a_program_that_knows_no_fence_cannot_write_beside_a_newer_one(
    site: Site, tmp_path: Path
) -> None:
    newer = site.centres[0].program
    unfenced = program_of(UNFENCED, tmp_path / "unfenced")
    for centre in site.centres:
        centre.program = unfenced
    with events(site):
        old, new = _upgrade(site, newer)
        assert "update it" in old.log.read_text(encoding="utf-8")
        _finish(site, old, new)
    eventually(lambda: site.fires() == site.sent, "all is stored, each once")
    new.run("verify")
