"""A centre in which one agency has a record of every kind, to be asked by people of another."""

from collections.abc import Mapping
from typing import Any

import httpx
import sqlalchemy as sa
from uuid6 import uuid7

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.web_api.access.known_routes import Ids
from tests.app.web_api.centre import NOW, Centre, Desk
from tests.made_pdf import made_pdf
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.incidents.records import IncidentFilter
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.registry.records import WATCH_AREAS, Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.alerts.store.tables import metadata
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.site import Agency, RegistryConfig
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.retention import RecordingHold, write_hold

MARK = "TUYETMAT"  # stands in every text of the other agency
OWN, OTHER = "pc07", "csgt"
OWN_SCOPE = DataFilter(agencies=frozenset({OWN}))
OTHER_SCOPE = DataFilter(agencies=frozenset({OTHER}))


def marked_site(centre: Centre) -> None:
    """The other agency's things are called by the mark."""
    site = centre.site()
    target = target_of_table(
        {
            "id": "of-other", "name": MARK, "kind": "webhook", "secret": "một bí mật đủ dài",
            "url": "https://114.example/hook", "agencies": [OTHER],
        }
    )  # fmt: skip
    recording = RecordingConfig(dir=centre.folder / "recordings", cameras="*")
    (centre.folder / "recordings").mkdir()
    centre.site.replace(
        site.model_copy(
            update={
                "agencies": (Agency(id=OWN, name="PCCC"), Agency(id=OTHER, name=MARK)),
                "cameras": tuple(
                    one.model_copy(update={"name": MARK}) if one.agency == OTHER else one
                    for one in site.cameras
                ),
                "devices": (DeviceConfig(id="device-2", name=MARK, agency=OTHER),),
                "targets": (target,),
                "registry": RegistryConfig(source="database"),
                "recording": recording,
            }
        )
    )


class TwoAgencies:
    """Records of both; `ids` names them."""

    def __init__(self, centre: Centre, address: str) -> None:
        self.centre = centre
        self.address = address
        self.revisions: dict[str, int] = {}
        self._number = 5_000_000
        centre.add_user("overseer", Role.LEADER, Role.TECHNICIAN, Role.ADMIN)
        with Desk(address) as overseer:
            self._desk = overseer.log_in("overseer")
            self.ids = self._made()

    def foreign_rows(self) -> dict[str, list[str]]:
        """Every row of the archive that names something of the other agency, but log entries."""
        words = [str(one) for one in self.ids.foreign.values() if isinstance(one, str)]
        found: dict[str, list[str]] = {}
        with self.centre.archive.database.reading() as connection:
            for table in metadata.sorted_tables:
                if table.name in {"action_log", "idempotency", "login_attempt", "session"}:
                    continue
                rows = (repr(tuple(row)) for row in connection.execute(sa.select(table)))
                found[table.name] = sorted(
                    row for row in rows if MARK in row or any(f"{one!r}" in row for one in words)
                )
        return found

    def _made(self) -> Ids:
        own, other = self._things("cam-1", OWN), self._things("cam-2", OTHER)
        own |= {"agency": OWN}
        kinds = self._registry()
        foreign = other | self._rows(other) | {"agency": OTHER, "agencies": [OTHER]}
        foreign |= {
            "username": "of-other", "to": "of-other", "target": "of-other", "target_id": "of-other",
            "device_id": "device-2", "rule": "rule-2", "area_id": "watch-0000000000b2",
            "watch_area": "watch-0000000000b2", "revision": self.revisions["cam-2"],
            "cameras": ["cam-1", "cam-2"],
            "ids": ["cam-1", "cam-2"], "neighbour": "cam-2", "id": other["unit_id"],
            "alert": other["alert_id"], "call": other["call_id"], "camera": "cam-2",
            "incident": other["incident_id"], "evidence": other["evidence_id"],
            "unit": other["unit_id"], "units": [other["unit_id"]],
            "csv": f"id,name,kind,agency\n{other['unit_id']},x,fire_engine,{OWN}\n",
        }  # fmt: skip
        return Ids(foreign=foreign, own=own | {"username": "of-own"}, kinds=kinds)

    def _things(self, camera: str, agency: str) -> dict[str, Any]:
        """What is made at a camera as people make it."""
        text = MARK if agency == OTHER else "của mình"
        scope = DataFilter(agencies=frozenset({agency}))
        person = "of-other" if agency == OTHER else "of-own"
        self.centre.add_user(person, Role.OPERATOR, Role.LEADER, scope=scope)
        clip = self.centre.file(f"{camera}/clip.mp4", b"film", EvidenceKind.CLIP)
        alert = self.centre.raise_alert(camera, evidence=(clip,), priority=1)
        (record,) = self.centre.archive.evidence_of(alert)
        page = IncidentRepository(self.centre.archive.database).page(IncidentFilter())
        (incident,) = [one.id for one in page.items if one.members[0].id == alert]
        with Desk(self.address) as desk:
            desk.log_in(person)
            unit = f"xe-{agency}"
            facts = {"id": unit, "name": text, "kind": "fire_engine", "agency": agency}
            _done(_query(desk, "POST", "units", json=facts))
            call = _done(_query(desk, "POST", "calls", json={"kind": "fire", "words": text})).json()
            until = {"until": NOW + 3600, "reason": text}
            shelf = _done(_query(desk, "POST", "shelves", json={"camera": camera, **until})).json()
            phone = {"name": text, "minutes": 5, "agency": agency}
            link = _done(_query(desk, "POST", "phone-links", json=phone)).json()
            shift = _done(_query(desk, "POST", "shift/take", json={})).json()
            order = {"what": "evidence", "evidence": record.id, "purpose": text}
            export = _done(_query(desk, "POST", "exports/unblurred", json=order)).json()
            market = {"name": text, "kind": "market", "code": "K-1", "place": {"text": text}}
            facility = _done(_query(desk, "POST", "facilities", json=market)).json()["id"]
            plan = f"facilities/{facility}/documents?name={text}"
            paper = _done(_query(desk, "POST", plan, content=made_pdf())).json()
        return {
            "camera_id": camera, "entry_id": camera, "alert_id": alert, "source_id": alert,
            "evidence_id": record.id,
            "incident_id": incident, "unit_id": unit, "call_id": call["id"],
            "shelf_id": shelf["id"], "link_id": link["id"], "shift_id": shift["id"],
            "export_id": export["id"], "facility_id": facility,
            "facility": facility, "document_id": paper["id"],
        }  # fmt: skip

    def _registry(self) -> dict[str, tuple[str, str]]:
        source = "rtsp://10.0.0.9/x"
        for kind, table in (
            ("agencies", {"id": OWN, "name": "PCCC"}),
            ("agencies", {"id": OTHER, "name": MARK}),
            ("cameras", {"id": "cam-1", "name": "x", "source": source, "agency": OWN}),
            ("cameras", {"id": "cam-2", "name": MARK, "source": source, "agency": OTHER}),
            ("rules", {"id": "rule-1", "kind": "fire", "cameras": ["cam-1"]}),
            ("rules", {"id": "rule-2", "kind": "fire", "cameras": ["cam-2"]}),
        ):
            made = _done(_query(self._desk, "POST", f"registry/{kind}", json=table)).json()
            self.revisions[made["id"]] = made["revision"]
        area = {
            "id": "watch-0000000000b2", "name": MARK, "purpose": MARK, "legal_basis": MARK,
            "cameras": ["cam-2"], "rules": [{"kind": "crowd"}], "retention_days": 3.0,
            "starts_at": "2026-11-25T00:00:00Z", "ends_at": "2026-11-26T00:00:00Z",
            "state": "proposed", "proposed_by": "of-other", "proposed_at": "2026-11-24T00:00:00Z",
        }  # fmt: skip
        write = EntryWrite(kind=WATCH_AREAS, id="watch-0000000000b2", expected=0, document=area)
        author = Author(username="of-other", role="leader", at=NOW)
        RegistryRepository(self.centre.archive.database).write([write], author, EVERYTHING)
        return {
            "cameras": ("cam-2", "cam-1"), "rules": ("rule-2", "rule-1"), "agencies": (OTHER, OWN),
        }  # fmt: skip

    def _rows(self, other: Mapping[str, Any]) -> dict[str, Any]:
        """What other processes make, as rows."""
        user = {"username": "of-other"}
        self.centre.archive.save_user(
            User(
                username="wall-other", name=MARK, roles=frozenset({Role.VIEWER}), locale="vi",
                password_hash="", scope=OTHER_SCOPE, created_at=NOW, made_by="of-other",
            )
        )  # fmt: skip
        hold = RecordingHold(
            hold_id="hold2", camera_id="cam-2", from_s=NOW - 60, to_s=NOW, reason=MARK,
            by="of-other", at_s=NOW,
        )  # fmt: skip
        write_hold(self.centre.folder / "recordings", hold)
        event = self._insert("outbox_event", agency=OTHER, seq=9001)
        assert event
        return {
            "report_id": self._insert(
                "crew_report",
                incident_id=other["incident_id"],
                unit_id=other["unit_id"],
                kind="request",
            ),
            "assignment_id": self._insert("assignment", incident_id=other["incident_id"]),
            "incoming_id": self._insert("incoming_call", agency=OTHER, state="ringing"),
            "incoming": self._insert("incoming_call", agency=OTHER, state="ringing"),
            "message_id": self._insert("citizen_message", agency=OTHER, state="new"),
            "media_id": self._citizen_media(),
            "item_id": self._caller_item(other["call_id"]),
            "notice_id": self._insert("public_notice", agency=OTHER, kind="fire", state="draft"),
            "mark_id": self._insert("sender_mark", agency=OTHER, until=NOW + 9e6),
            "delivery_id": self._insert("delivery", event_seq=9001, state="dead"),
            "drill_id": self._insert("drill", agency=OTHER, camera_id="cam-2"),
            "duty_id": self._duty(NOW),
            "first": self._duty(NOW + 9e4),
            "second": self._duty(NOW + 2e5),
            "factor_id": self._insert("second_factor", **user),
            "handover_id": self._insert(
                "handover", shift_id=other["shift_id"], from_username="of-other", sheet="{}"
            ),
            "hold_id": "hold2",
            "trial_id": "0" * 32,
        }

    def _caller_item(self, call_id: str) -> str:
        link = self._insert("caller_link", call_id=call_id, agency=OTHER)
        return self._insert("caller_item", call_id=call_id, link_id=link, kind="text")

    def _citizen_media(self) -> str:
        message = self._insert("citizen_message", agency=OTHER, state="new")
        media = self._insert("citizen_media", message_id=message, kind="photo", media_type=MARK)
        with self.centre.archive.database.writing() as connection:
            file = metadata.tables["citizen_file"].insert()
            connection.execute(file.values(media_id=media, content=""))
        return media

    def _duty(self, at: float) -> str:
        times = {"begins_at": at, "ends_at": at + 3600.0, "removed_at": None}
        return self._insert("roster_duty", username="of-other", duty="desk", **times)

    def _insert(self, name: str, **given: Any) -> str:
        """A row whose other columns hold anything; return its id."""
        table, key = metadata.tables[name], str(uuid7())
        values = {"id": key, **given}
        for column in table.columns:
            is_needed = not column.nullable and column.autoincrement is not True
            if column.name not in values and (is_needed or column.unique):
                self._number += 1
                made = {str: f"{MARK}-{self._number}", int: self._number, float: NOW, bool: False}
                values[column.name] = made[column.type.python_type]
        with self.centre.archive.database.writing() as connection:
            connection.execute(sa.insert(table).values(values))
        return key


def _query(desk: Desk, method: str, path: str, **options: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": str(uuid7())}
    return desk.request(method, f"{PREFIX}/{path}", headers=headers, **options)


def _done(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code < 300, f"{answer.request.url}: {answer.text}"
    return answer
