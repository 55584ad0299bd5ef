"""After the night: what the centre's own lists say, compared with what truly happened."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.big_night.night import FALSE_ALARM, FIRES
from tests.big_night.people import Room, truth_of
from tests.big_night.site import Client
from tests.big_night.sources import Cameras, Gateways, Panels

JUDGED = (*FIRES, FALSE_ALARM)  # what several sources tell of


class Archive:
    """What the centre lists in the end."""

    def __init__(self, client: Client, room: Room) -> None:
        self._client, self._room = client, room
        self.alerts = client.pages("/alerts", limit=200)
        self.incidents = client.pages("/incidents", limit=200)
        self.calls = client.pages("/calls", limit=200)
        self.camera_of = {one["id"]: one["camera"] for one in self.alerts}

    def rows_of(self) -> dict[str, set[str]]:
        """The incidents of each happening; an alert in none is a row of its own."""
        found = defaultdict[str, set[str]](set)
        loose = dict(self.camera_of)
        for incident in self.incidents:
            for member in incident["members"]:
                found[truth_of(member, self.camera_of, self._room)].add(incident["number"])
                loose.pop(member["id"], None)
        for alert in loose:
            found[truth_of({"type": "alert", "id": alert}, self.camera_of, self._room)].add(alert)
        return found

    def merged_wrongly(self) -> list[str]:
        """Incidents with sources of two happenings."""
        found = []
        for incident in self.incidents:
            told = {truth_of(one, self.camera_of, self._room) for one in incident["members"]} - {""}
            if len(told) > 1:
                found.append(f"{incident['number']}: {sorted(told)}")
        return found

    def lost(self, cameras: Cameras, panels: Panels, gateways: Gateways) -> list[str]:
        """What a spool or the centre accepted, and that is not there."""
        listed = set(self.camera_of.values())
        found = [f"alert of {one}" for one in {*cameras.raised, *panels.raised} - listed]
        with_incident = {one["id"] for one in self.calls if one["incident"] is not None}
        found += [f"call {one}" for one in self._room.calls if one not in with_incident]
        found += [f"message {one}" for one in gateways.lost()]
        for incident, sent in self._room.reports.items():
            path = f"/incidents/{incident}/crew-reports"
            listed_reports = len(self._client.read(path)["items"])
            if listed_reports < sent:
                found.append(f"{sent - listed_reports} crew reports of {incident}")
        return found


def without_owner(client: Client, left: str, on_duty: Iterable[str], was: set[str]) -> list[str]:
    """Of the incidents that somebody held who left: those that nobody on duty holds, alerts too."""
    found = []
    for row in client.pages("/worklist", limit=200):
        if row["id"] not in was:
            continue
        holder = row["holder"] and row["holder"]["username"]
        if holder not in on_duty or holder == left:
            found.append(f"{row['number']} is held by {holder}")
        for one in client.read(f"/incidents/{row['id']}/row")["sources"]:
            is_open = one["type"] == "alert" and one["state"] not in ("rejected", "closed")
            if is_open and _owner(client, one) == left:
                found.append(f"{row['number']}: {one['name']} is still {left}'s")
    return found


def _owner(client: Client, source: dict[str, Any]) -> str | None:
    owner = client.read(f"/alerts/{source['id']}")["owner"]
    return None if owner is None else str(owner["username"])
