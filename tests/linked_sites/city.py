"""A city of 126 wards over one real centre, 20 of them in a storm of events.

    python -m tests.linked_sites.city SECONDS [--wards N] [--storm N]

The wards are simulated: each has a key, was invited, and speaks the protocol of a link as a centre
does (`LinkClient`), every two seconds where it is quiet. In a storm each half second's changes of
its incidents go: a ward's 40 events a second are changes of twenty incidents, twice a second. Ends
with one line of JSON: what the upper centre took in, its processor, memory and answers.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from tests.linked_sites.site import LinkedSite
from thapcanh.alerts.links.link_keys import (
    ACCEPT_FORM,
    as_text,
    canonical,
    fingerprint,
    invitation_id,
    proof,
    proof_key,
)
from thapcanh.alerts.links.link_records import Link, LinkItem, LinkRefused, PeerRole, Sharing, Tree
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.app.links.link_client import LinkClient, LinkUnreached, SessionGiven
from thapcanh.app.links.wire import LinkExchange, read_exchange
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.ingest.address_guard import AddressGuard, servers

_QUIET_S, _STORM_S, _LOOK_S = 2.0, 0.5, 0.3
_INCIDENTS, _CAMERAS = 20, 300


class Ward(threading.Thread):
    """One simulated ward; `stormy` may be set while it runs."""

    def __init__(self, city: LinkedSite, folder: Path, number: int, guard: AddressGuard) -> None:
        super().__init__(daemon=True)
        self._city, self._number = city, number
        self._key = LogKey(folder / f"ward-{number}.key")
        self._client = LinkClient(guard, 30.0)
        self._session, self._requests, self._seq = "", 0, 0
        self._incidents = [str(uuid7()) for _ in range(_INCIDENTS)]
        self.stormy, self.ended = threading.Event(), threading.Event()
        self.applied, self.failed = 0, 0
        self._link = self._linked()

    def _linked(self) -> Link:
        body: dict[str, Any] = {}
        asked = self._city.admin.ask("POST", "/links/invitations", body).raise_for_status()
        code, public = asked.json()["code"], as_text(self._key.public)
        tree = Tree(keys=(fingerprint(public),), levels=1).stated()
        name = f"Phường {self._number}"
        stated = {"site": name, "public_key": public, "below": tree, "above": tree}
        stated["invitation"] = invitation_id(code)
        signed = self._key.sign(ACCEPT_FORM, canonical(stated))
        proven = stated | {"proof": proof(proof_key(code), stated), "sig": signed}
        answered = self._client.accept(self._city.url, proven)
        key = str(answered["public_key"])
        return Link(
            id=str(answered["link"]), peer=PeerRole.UPPER, name=name, public_key=key,
            fingerprint=fingerprint(key), url=self._city.url, sharing=Sharing(), agency=None,
            area=None, made_at=0.0, made_by="", ended_at=None, ended_by=None, contact_at=None,
            ahead_s=None, tree=Tree(), held_pictures=0, is_end_sent=False,
        )  # fmt: skip

    def run(self) -> None:
        while not self.ended.is_set():
            start = time.monotonic()
            with suppress(SessionGiven):
                self._exchange()
            every_s = _STORM_S if self.stormy.is_set() else _QUIET_S
            self.ended.wait(max(0.05, every_s - (time.monotonic() - start)))

    def _exchange(self) -> None:
        self._requests += 1
        items = [self._item(one) for one in self._incidents] if self.stormy.is_set() else []
        request = LinkExchange(
            session=self._session, number=self._requests, now=time.time(), items=items
        )
        try:
            answer = read_exchange(self._client.exchange(self._link, request.body(), self._key))
        except SessionGiven as given:
            self._session, self._requests = given.session, 0
            raise
        except (LinkUnreached, LinkRefused):
            self.failed += 1
            return
        self.applied += sum(one.refused is None and not one.later for one in answer.receipts)

    def _item(self, incident: str) -> LinkItem:
        self._seq += 1
        place = 20.0 + self._number * 0.02
        told = {
            "number": f"VV-{incident[-4:]}", "kind": "fire", "priority": 1, "lat": place,
            "lon": 105.0 + self._incidents.index(incident) * 0.02, "state": "open",
            "place": f"Camera {self._seq % _CAMERAS}",
        }  # fmt: skip
        sources = [{"kind": "camera", "name": f"Camera {self._seq % _CAMERAS}"}]
        data = {"incident": told, "sources": sources, "units": [], "verdict": None}
        subject = f"incident/{incident}"
        return LinkItem(seq=self._seq, subject=subject, kind="report", at=time.time(), data=data)


def measured(city: LinkedSite, seconds: float) -> dict[str, Any]:
    """Read the list, and one incident, as officers do; return what that and the centre cost."""
    lists, opened = list[float](), list[float]()
    start, spent = time.monotonic(), city.cost()[0]
    while time.monotonic() - start < seconds:
        at = time.monotonic()
        rows = city.officer.read("/worklist", limit=50)["items"]
        lists.append(time.monotonic() - at)
        if rows:
            at = time.monotonic()
            city.officer.read(f"/incidents/{rows[0]['id']}")
            opened.append(time.monotonic() - at)
        time.sleep(_LOOK_S)
    passed = time.monotonic() - start
    return {
        "cpu_share": round((city.cost()[0] - spent) / passed, 3),
        "memory_mib": round(city.cost()[1]),
        "list_s": _spread(lists),
        "incident_s": _spread(opened),
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    found = {"median": statistics.median(ordered), "p95": p95, "most": ordered[-1]}
    return {name: round(value, 3) for name, value in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.linked_sites.city", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=120.0)
    parser.add_argument("--wards", type=int, default=126)
    parser.add_argument("--storm", type=int, default=20)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="thapcanh-linked-city-"))
    city = LinkedSite(folder / "city", 0)
    try:
        guard = servers(NetworksConfig())
        wards = [Ward(city, folder, number, guard) for number in range(1, options.wards + 1)]
        for one in wards:
            one.start()
            time.sleep(_QUIET_S / len(wards))
        quiet = measured(city, options.seconds / 2)
        for one in wards[: options.storm]:
            one.stormy.set()
        before, start = sum(one.applied for one in wards), time.monotonic()
        storm = measured(city, options.seconds)
        applied = (sum(one.applied for one in wards) - before) / (time.monotonic() - start)
        for one in wards:
            one.ended.set()
        for one in wards:
            one.join(30)
    finally:
        city.stop()
    figures = {
        "wards": options.wards, "cameras": options.wards * _CAMERAS, "stormy": options.storm,
        "quiet": quiet, "storm": storm, "changes_applied_a_second": round(applied, 1),
        "requests_failed": sum(one.failed for one in wards),
    }  # fmt: skip
    sys.stdout.write(json.dumps(figures) + "\n")
    slowest = storm["list_s"]["p95"]
    return 1 if slowest > 1.0 else 0


if __name__ == "__main__":
    sys.exit(main())
