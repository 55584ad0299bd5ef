"""Officers, a leader and crews by the HTTP API: they answer as the guide tells them to.

An officer reads addresses, never the plan: what is joined by hand has one address.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.big_night.night import FALSE_ALARM, FIRES, Night, Spoken
from tests.big_night.site import Client
from tests.big_night.sources import happening_of

_REST_S, _CALLED_BACK_S = 1.0, 12.0
_STATES = ("acknowledged", "en_route", "on_scene")
Turn = Callable[[Client, threading.Event], None]


@dataclass(slots=True, kw_only=True)
class Room:
    """What everybody shares, and what the centre accepted."""

    night: Night
    of_the_desk: set[str] = field(default_factory=set)  # happenings that the desk answers
    due: list[Spoken] = field(default_factory=list)  # calls that ring
    calls: dict[str, Spoken] = field(default_factory=dict)
    mixed: list[str] = field(default_factory=list)  # message events of two happenings
    reports: dict[str, int] = field(default_factory=dict)  # of crews, by incident
    failed: list[str] = field(default_factory=list)

    def about(self, row: dict[str, Any]) -> str:
        """What a row tells of, by the address that an officer reads."""
        text = " ".join(
            filter(None, (row["place"]["text"], *(one["name"] for one in row["sources"])))
        )
        if self.night.address(FALSE_ALARM) in text:
            return FALSE_ALARM
        return self.night.named_in(text)

    def names(self, text: str | None) -> str:
        return self.night.named_in(text or "")


class Person:
    """Somebody who does the same again and again until the night ends, or their shift."""

    def __init__(self, client: Client, room: Room, turn: Turn) -> None:
        self.client, self._room, self._turn = client, room, turn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=client.username, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_REST_S):
            try:
                self._turn(self.client, self._stop)
            except Exception as error:  # noqa: BLE001 - named at the end of the night
                self._room.failed.append(f"{self.client.username}: {error!r}"[:300])


def both(*turns: Turn) -> Turn:
    def turn(client: Client, stop: threading.Event) -> None:
        for one in turns:
            one(client, stop)

    return turn


def answers_rows(room: Room) -> Turn:
    """Takes what waits, the most urgent first; sends units to fires, ends what is small."""

    def turn(client: Client, stop: threading.Event) -> None:
        for row in client.read("/worklist", section="waiting", limit=50)["items"]:
            about = room.about(row)
            is_ours = row["type"] == "incident" and about not in room.of_the_desk
            if stop.is_set() or not is_ours:
                continue
            version = acted(client, row["id"], "acknowledge", row["version"], {})
            if version is not None:
                _answer(client, row, about, room)

    return turn


def _answer(client: Client, row: dict[str, Any], about: str, room: Room) -> None:
    if about in FIRES:
        judge(client, row["id"], "true", None)
        join_suggested(client, row["id"], about, room)
        if not row["units"]:
            dispatch(client, row["id"])
    elif row["sources"] and row["sources"][0]["kind"] == "call":
        close(client, row["id"])


def looks_after(room: Room, *happenings: str) -> Turn:
    """Sees what came into one's own incidents, and joins what has their address."""

    def turn(client: Client, stop: threading.Event) -> None:
        for row in client.read("/worklist", mine=True, limit=50)["items"]:
            about = room.about(row)
            if row["type"] == "incident" and about in happenings:
                if row["unseen"]:
                    acted(client, row["id"], "acknowledge", row["version"], {})
                join_suggested(client, row["id"], about, room)
                if about == FALSE_ALARM and _is_quiet(row):
                    judge(client, row["id"], "false", "test")

    return turn


def answers_crews(client: Client, stop: threading.Event) -> None:
    """A leader reads what crews ask for."""
    for one in client.read("/crew-requests")["items"]:
        client.ask("POST", f"/crew-requests/{one['report']['id']}/answer")


def _is_quiet(row: dict[str, Any]) -> bool:
    """Nothing new for a while: somebody called the building, and it was a test."""
    newest = max(datetime.fromisoformat(one["at"]) for one in row["sources"])
    return (datetime.now(UTC) - newest).total_seconds() > _CALLED_BACK_S


def signs(client: Client, stop: threading.Event) -> None:
    """A leader signs what officers found to be false."""
    for row in client.read("/worklist", limit=50)["items"]:
        if row["type"] == "incident" and any(one["cosign_wanted_by"] for one in row["sources"]):
            judge(client, row["id"], "false", None, only_wanted=True)


def takes_calls(room: Room) -> Turn:
    """Types a call, and joins its incident to the one with its address."""

    def turn(client: Client, stop: threading.Event) -> None:
        with contextlib.suppress(IndexError):
            call = room.due.pop(0)
            assert call.place is not None
            text = room.night.address(call.happening) if call.happening in FIRES else call.words
            place = {"lat": call.place[0], "lon": call.place[1], "text": text}
            typed = {"kind": call.kind, "place": place, "caller": call.who}
            client.ask("POST", "/calls/nearby", typed).raise_for_status()
            taken = client.ask("POST", "/calls", typed | {"words": call.words, "line": "114"})
            made = taken.raise_for_status().json()
            room.calls[made["id"]] = call
            for one in made["suggestions"]:
                is_it = one["type"] == "incident" and one["id"] != made["incident"]
                if is_it and room.names(text) and room.names(one["place"]) == room.names(text):
                    joined(client, one["id"], "incident", made["incident"])
                    break

    return turn


def answers_messages(room: Room) -> Turn:
    """Puts messages about a fire into its incident, and the others aside, event by event."""

    def turn(client: Client, stop: threading.Event) -> None:
        rows = client.read("/worklist", limit=100)["items"]
        fires = {room.about(row): row["id"] for row in reversed(rows) if row["type"] == "incident"}
        for event in client.read("/messages", limit=30)["items"]:
            named = {room.names(one["text"]) for one in event["items"]}
            if len(named) > 1:
                room.mixed.append(f"messages {event['id']}: {sorted(named)}")
            fire = next(iter(sorted(named, reverse=True)))
            if fire and fire not in fires:
                continue  # nobody else told of it yet
            path = f"/messages/{event['items'][0]['id']}/{'take' if fire else 'set-aside'}"
            body = {"until": event["last_at"]} | ({"incident": fires[fire]} if fire else {})
            answer = client.ask("POST", path, body)
            if answer.is_success and fire:
                room.calls[answer.json()["call"]["id"]] = Spoken.of(fire)

    return turn


def drives(room: Room) -> Turn:
    """A crew's phone: one step further each time, and a request at the place."""
    reached: dict[str, int] = {}

    def turn(client: Client, stop: threading.Event) -> None:
        for one in client.read("/crew")["incidents"]:
            step = reached.get(one["id"], 0)
            body = {"state": _STATES[step]} if step < 3 else {"more": "2 xe nước"}
            at = datetime.now(UTC).isoformat()
            path = f"/crew/incidents/{one['id']}/reports"
            body |= {"told_at": at, "sent_at": at}
            if step > 3 or not client.ask("POST", path, body).is_success:
                continue
            reached[one["id"]] = step + 1
            room.reports[one["id"]] = room.reports.get(one["id"], 0) + 1
        stop.wait(2.0)

    return turn


def judge(
    client: Client, incident: str, verdict: str, reason: str | None, *, only_wanted: bool = False
) -> None:
    """Each source that nobody judged; of a true fire its first camera is enough."""
    for one in client.read(f"/incidents/{incident}/row")["sources"]:
        is_open = one["cosign_wanted_by"] if only_wanted else one["verdict"] is None
        if not is_open or (verdict == "true" and one["kind"] != "camera"):
            continue
        path = f"sources/{one['type']}/{one['id']}/verdict"
        version = client.read(f"/incidents/{incident}")["version"]
        acted(client, incident, path, version, {"verdict": verdict, "reason": reason})
        if verdict == "true":
            return


def join_suggested(client: Client, incident: str, about: str, room: Room) -> None:
    for one in client.read(f"/incidents/{incident}")["suggested"]:
        if room.names(one["place"]) == about:
            joined(client, incident, one["type"], one["id"])


def joined(client: Client, incident: str, kind: str, member: str) -> None:
    version = client.read(f"/incidents/{incident}")["version"]
    acted(client, incident, "join", version, {"type": kind, "id": member})


def dispatch(client: Client, incident: str) -> None:
    """Send the three nearest free engines."""
    found = client.read(f"/incidents/{incident}")
    place = {name: found["place"][name] for name in ("lat", "lon")}
    free = [
        one["id"]
        for one in client.read("/units", **place)["items"]
        if one["status"] == "available" and one["kind"] == "fire_engine"
    ]
    acted(client, incident, "dispatch", found["version"], {"units": free[:3], "way": "radio"})


def close(client: Client, incident: str) -> None:
    """Say how it ended, and that what is open was read."""
    body: dict[str, Any] = {"disposition": "handled", "report": "đã chuyển công an phường"}
    for _ in range(2):
        version = client.read(f"/incidents/{incident}")["version"]
        answer = client.ask("POST", f"/incidents/{incident}/close", body, version)
        if answer.status_code != 409:
            return
        body["despite"] = answer.json().get("open_points") or []


def acted(
    client: Client, incident: str, command: str, version: int, body: dict[str, Any]
) -> int | None:
    """The version after a command, once more where somebody was faster; None if refused."""
    for _ in range(3):
        answer = client.ask("POST", f"/incidents/{incident}/{command}", body, version)
        if answer.is_success:
            return int(answer.json()["version"])
        if answer.status_code != 412:
            return None
        version = client.read(f"/incidents/{incident}")["version"]
    return None


def truth_of(source: dict[str, Any], alerts: dict[str, str], room: Room) -> str:
    """What a member of an incident is truly about; empty of a fault or a note."""
    if source["type"] == "alert":
        return happening_of(alerts.get(source["id"], ""))
    call = room.calls.get(source["id"])
    return call.happening if call else ""
