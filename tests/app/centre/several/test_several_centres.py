"""Two centre processes on one archive: one is killed, and no officer loses or doubles anything."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.app.centre.several.centre_process import (
    CentreProcess,
    Officer,
    Screen,
    eventually,
    proxy,
)
from tests.app.centre.several.two_centres import Site
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.coordination.centres import expected_centres, living_centres


def test_a_killed_centre_costs_its_screens_a_reconnect_and_nothing_else(
    site: Site, tmp_path: Path
) -> None:
    first, other = site.both_run()
    with ExitStack() as stack:
        urls = stack.enter_context(proxy(tmp_path, site.centres))
        eventually(lambda: site.officer(urls), "the proxy answers")
        screens = [Screen(site.officer(urls)) for _ in range(4)]
        for screen in screens:
            screen.start()
            stack.callback(screen.stop)
        for centre in site.centres:  # first of all: then no stream is waited for
            stack.callback(centre.kill)
        eventually(lambda: all(one.opened for one in screens), "every screen has its stream")
        before = site.all_seqs()[-1] if site.all_seqs() else 0
        site.send(20)
        eventually(lambda: site.fires() == 20, "the leader stores")
        sending = threading.Thread(target=site.send, args=(60,))
        sending.start()
        first.kill()
        killed_at = time.monotonic()
        sending.join()
        eventually(lambda: site.fires() == 80, "the other one goes on storing")
        assert eventually(site.leader, "one leads again") is other
        _each_change_once(site, screens, before)
        cut = [one for one in screens if one.opened > 1]
        assert cut, "no screen was on the centre that was killed"
        print("reconnected after", [round(one.heard_at - killed_at, 2) for one in cut])  # noqa: T201
        _commands_on_either(site, urls, first, other)


def _each_change_once(site: Site, screens: list[Screen], before: int) -> None:
    def complete() -> bool:
        last = site.all_seqs()[-1]
        return all(one.seqs() and one.seqs()[-1] == last for one in screens)

    eventually(complete, "every screen has the newest change")
    expected = [seq for seq in site.all_seqs() if seq > before]
    for screen in screens:
        told = [seq for seq in screen.seqs() if seq > before]
        assert told == expected[: len(told)]
        assert screen.gaps == 0


def _commands_on_either(
    site: Site, urls: list[str], first: CentreProcess, other: CentreProcess
) -> None:
    """The killed one comes back: a command on one is seen on the other, and one of two wins."""
    first.begin()
    eventually(first.answers, "it came back")
    officer, colleague = site.officer(urls), site.officer([other.url], site.add_colleague())
    seen = Screen(site.officer([other.url]))
    seen.start()
    eventually(lambda: seen.opened, "a stream of the other centre")
    try:
        one, two = [alert for alert in officer.alerts() if alert["state"] == "new"][:2]
        assert officer.act(first.url, one, "acknowledge", "k1").status_code == 200
        eventually(
            lambda: any(
                change.get("alert", {}).get("id") == one["id"]
                and change["alert"]["state"] == "acknowledged"
                for _, change in list(seen.changes)
            ),
            "the acknowledgement is told by the other centre",
        )
        again = officer.act(other.url, one, "acknowledge", "k1")  # the same command, sent again
        assert again.status_code == 200
        barrier = threading.Barrier(2)

        def at_once(url: str, who: Officer, key: str) -> int:
            barrier.wait(PATIENCE_S)
            return who.act(url, two, "acknowledge", key).status_code

        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(at_once, first.url, officer, "k2"),
                pool.submit(at_once, other.url, colleague, "k3"),
            ]
            codes = sorted(each.result(PATIENCE_S) for each in asked)
        assert codes[0] == 200
        assert codes[1] in (409, 412)
    finally:
        other.kill()
        seen.stop()


def test_a_leader_that_stands_still_is_replaced_and_does_not_act_when_it_goes_on(
    site: Site,
) -> None:
    first, other = site.both_run()
    first.send_signal(signal.SIGSTOP)
    site.send(10)
    eventually(lambda: site.leader() is other, "PostgreSQL ends the silent session")
    eventually(lambda: site.fires() == 10, "the other one stores")
    first.send_signal(signal.SIGCONT)
    site.send(10)
    eventually(lambda: site.fires() == 20, "all is stored")
    eventually(lambda: len(living_centres(site.database)) == 2, "it takes part again")
    assert site.leader() is other


def test_a_standby_that_is_killed_is_an_alarm_on_the_screens(site: Site) -> None:
    for centre in site.centres:
        centre.begin()
    first = eventually(site.leader, "one leads")
    other = next(one for one in site.centres if one is not first)
    eventually(lambda: len(expected_centres(site.database)) == 2, "both are expected")
    other.kill()

    def lost() -> list[str]:
        with site.database.reading() as connection:
            query = "SELECT camera_id FROM alert WHERE kind = 'centre_lost'"
            return list(connection.exec_driver_sql(query).scalars())

    (told,) = eventually(lost, "the other one's death is told")
    assert other.name in told
