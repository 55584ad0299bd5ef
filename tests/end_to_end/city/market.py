"""What stands round a market for the scene of the city: its panel, hydrants, roads, vehicles."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from tests.app.delivery.receiver import Receiver
from tests.app.delivery.served import served, target
from tests.app.positions.drawn_roads import DRAWN, ROADS, tiles_of
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drill_site
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.positions.roads import Roads
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.config.map import LayerKind, MapConfig, MapLayer
from thapcanh.config.site import Site

HAS_ROADS = find_spec("valhalla") is not None  # the extra `roads`
FIRE = (21.024, 105.845)  # where the first camera of a drill stands
LEADER = Actor(username="chi-huy", name="chi-huy", role=Role.LEADER)
HYDRANTS = (("Trụ nước Hàng Bài", 0.0004), ("Trụ nước Tràng Tiền", 0.0009), ("Bể chợ", 0.0013))


def city_site(folder: Path) -> Site:
    """A drill's site with hydrants and roads round the fire."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": [FIRE[1] + east, FIRE[0]]},
        }
        for name, east in HYDRANTS
    ]
    layer = folder / "tru-nuoc.geojson"
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    water = MapLayer(id="tru-nuoc", kind=LayerKind.HYDRANT, name="Trụ nước", file=layer)
    drawn = [[_here(point) for point in road] for road in ROADS]
    roads = tiles_of(folder, drawn) if HAS_ROADS else None
    return drill_site().model_copy(update={"map": MapConfig(layers=(water,), roads=roads)})


@contextmanager
def panels_and_vehicles(drill: Drill, folder: Path) -> Iterator["Panels"]:
    """The centre hears panels and knows roads; two fire engines are 1 and 2 km away."""
    centre = drill.centre
    places = {"Xe 1 bên sông": "over the river", "Xe 2 cùng bờ": "same bank"}
    units = [
        Unit(
            id=f"xe-{number}", name=name, kind=UnitKind.FIRE_ENGINE, agency="pc07",
            lat=_here(DRAWN[place])[0], lon=_here(DRAWN[place])[1], position_at=time.time(),
        )
        for number, (name, place) in enumerate(places.items(), 1)
    ]  # fmt: skip
    UnitRepository(centre.archive.database).save(LEADER, units, time.time())
    panels = Panels(drill, folder)
    roads = Roads(lambda: centre.site().map.roads)
    centre.outside = {"signals": panels.desk, "roads": roads}
    drill.cut()
    drill.come_back()
    try:
        yield panels
    finally:
        roads.close()
        panels.spool.close()


class Panels:
    """The centre's ear for fire panels."""

    def __init__(self, drill: Drill, folder: Path) -> None:
        self._drill = drill
        centre = drill.centre
        database = centre.archive.database
        self.spool = Spool(folder / "signals.sqlite", "signals")
        self.devices = DevicesInForce(centre.site, DeviceRepository(database), centre.clock)
        signals = SignalRepository(database)
        self.desk = SignalService(self.devices, self.spool, signals, centre.clock)

    def tell(self, device: str, kind: str, place: str) -> None:
        """A panel's signal by HTTP, and into the archive."""
        self.devices.refresh()
        at = datetime.now(UTC).isoformat()
        body = {"device_id": device, "kind": kind, "at": at, "place": place}
        post(self._drill, TokenScope.SIGNAL, "/signals", body)
        transport = ArchiveTransport(self._drill.centre.archive, self._facts)
        for _, entry in self.spool.oldest():
            transport.add(entry)
        self._drill.centre.bell.notify()

    def _facts(self, device_id: str) -> CameraFacts:
        device = self.devices.find(device_id)
        assert device is not None
        return CameraFacts(
            name=device.name, place=device.place, area=device.area, agency=device.agency,
            lat=device.lat, lon=device.lon,
        )  # fmt: skip


@contextmanager
def sms_gateway(drill: Drill) -> Iterator[Receiver]:
    """A gateway that texts callers, of a centre that phones reach."""
    gateway = Receiver()
    site = drill.centre.site()
    reached = site.centre.model_copy(update={"public_url": "https://canh.example"})
    drill.centre.site.replace(site.model_copy(update={"centre": reached}))
    try:
        with served(drill.centre, target(gateway, "sms", caller_links=True)):
            yield gateway
    finally:
        drill.centre.site.replace(site)
        gateway.close()


def post(drill: Drill, power: TokenScope, path: str, body: Any) -> None:
    """What a program tells the centre."""
    headers = {"Authorization": f"Bearer {token_of(drill.centre, power)}", "Idempotency-Key": path}
    with httpx.Client(trust_env=False, timeout=60, headers=headers) as client:
        told = client.post(f"{drill.address}/api/v1{path}", json=body)
    assert told.status_code == 202, told.text


def call_114(drill: Drill) -> None:
    """Another officer takes a call about the market."""
    lat, lon = FIRE
    body = {
        "kind": "fire", "line": "114", "caller": "0912345678", "words": "cháy chợ, khói đen",
        "place": {"lat": lat + 0.0003, "lon": lon, "text": "12 Hàng Bài"},
    }  # fmt: skip
    with Desk(drill.address) as binh:
        csrf = {"X-CSRF-Token": binh.log_in("binh").csrf}
        assert binh.post("/api/v1/calls", headers=csrf, json=body).status_code == 201


def let_wall_in(drill: Drill, code: str) -> None:
    """A leader types the digits that a wall shows."""
    with Desk(drill.address) as leader:
        csrf = {"X-CSRF-Token": leader.log_in("chi-huy").csrf}
        body = {"code": code, "name": "Phòng trực"}
        assert leader.post("/api/v1/walls", headers=csrf, json=body).status_code == 201


def _here(point: tuple[float, float]) -> tuple[float, float]:
    """A point of the drawn roads, moved to where the fire is."""
    fire = DRAWN["fire"]
    return round(point[0] - fire[0] + FIRE[0], 6), round(point[1] - fire[1] + FIRE[1], 6)
