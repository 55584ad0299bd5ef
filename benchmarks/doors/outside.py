"""What the benchmark's centre has outside its screens: callers, a gateway, units, panels, logins.

`prepare` puts them in and returns how each is reached: links' codes, a token, ports.
"""

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.calls.call_store import CallRepository
from thapcanh.alerts.calls.caller_links import CallerLinkRepository
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.store.roles import Actor, DataFilter, Role
from thapcanh.app.positions.cot_receivers import CotReceivers
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.panels.panel_receivers import PanelReceivers
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.devices import CotReceiverConfig, DeviceConfig, PanelReceiverConfig
from thapcanh.config.servers.login_providers import OidcConfig
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock

UNIT, DEVICE, ACCOUNT = "xe-1", "panel-1", "1234"
CALLERS = 8
_TOKEN = "tc_" + "b" * 43  # of a centre that lives for a minute
_LOCAL = (ip_network("127.0.0.0/8"),)


def with_outside(site: Site, agency: str) -> Site:
    """Return the site with a unit's and a panel's port, a device and a provider."""
    tak = CotReceiverConfig(id="tak", port=0, host="127.0.0.1", networks=_LOCAL)
    device = DeviceConfig(id=DEVICE, name="Tủ báo cháy", account=ACCOUNT, agency=agency)
    provider = OidcConfig(
        issuer=_provider(),
        client_id="thapcanh",
        public_url="http://localhost:8080",
        roles={"x": ("operator",)},
    )
    ports = {
        "cot_receivers": (tak,),
        "receivers": (PanelReceiverConfig(id="panels", port=0, host="127.0.0.1"),),
    }
    return site.model_copy(update={**ports, "devices": (device,), "oidc": provider})


def prepare(archive: Archive, site: SiteHolder, folder: Path, agency: str) -> dict[str, Any]:
    """Open the ports, make links and a token; return how each is reached."""
    clock, database = SystemClock(), archive.database
    leader = Actor(username="leader", name="leader", role=Role.LEADER)
    now = time.time()
    units = [Unit(id=UNIT, name="Xe 1", kind=UnitKind.FIRE_ENGINE, agency=agency)]
    UnitRepository(database).save(leader, units, now)
    ApiTokenRepository(database).add(
        ApiToken(
            id=str(uuid7()),
            name="gateway",
            token_sha256=token_sha256(_TOKEN),
            roles=frozenset({Role.OPERATOR}),
            powers=frozenset({TokenScope.MESSAGES}),
            scope=DataFilter(agencies=frozenset({agency})),
            created_at=now,
            expires_at=now + 86400.0,
        )
    )
    devices = DevicesInForce(site, DeviceRepository(database), clock)
    spool = Spool(folder / "signals.sqlite", "signals")
    panels = PanelReceivers(site, SignalService(devices, spool, SignalRepository(database), clock))
    positions = CotReceivers(site, PositionService(PositionRepository(database), clock))
    panels.start()
    positions.start()
    return {
        "callers": [_link(archive, leader, agency) for _ in range(CALLERS)],
        "gateway": _TOKEN,
        "units": positions.ports["tak"],
        "panels": panels.ports["panels"],
    }


def _link(archive: Archive, leader: Actor, agency: str) -> str:
    """The code of a new caller's link."""
    now = time.time()
    call = NewCall(
        kind=CallKind.FIRE, line="114", caller=None, place=IncidentPlace(), said=None,
        agency=agency, area=None,
    )  # fmt: skip
    written = CallRepository(archive.database).add(leader, call, now)
    made = CallerLinkRepository(archive.database).make(leader, written.call.id, now)
    assert isinstance(made, tuple)  # noqa: S101 the call was taken a moment ago
    return made[1]


def _provider() -> str:
    """The address of a provider that describes itself, until this process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Description)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class _Description(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Describe the provider."""
        issuer = f"http://{self.headers['Host']}"
        told: Mapping[str, str] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
