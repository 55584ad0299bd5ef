"""A desk that turns one camera over the network, on fast times, for tests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from tests.ingest.onvif.scripted_camera import ScriptedCamera
from tests.patience import patient
from thapcanh.app.ptz.acts import PtzAct
from thapcanh.app.ptz.driver import DriverSettings, Motion
from thapcanh.app.ptz.lease import Holder, Rank
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.ptz.turned_cameras import Position
from thapcanh.config.camera import CameraConfig, OnvifLink, PtzConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.ptz import Velocity

FAST = DriverSettings(
    tick_s=0.01, resend_s=0.05, retry_s=0.02, runaway_after_s=0.1, runaway_retry_s=0.05,
    begins_within_s=0.0, presets_retry_s=0.05,
)  # fmt: skip
AN = Holder(key="a", username="an", name="Đ/c An", role="operator", rank=Rank.OFFICER)
CHIEF = Holder(key="c", username="chi", name="Đ/c Chi", role="leader", rank=Rank.LEADER)
PATROL = Holder(key="p", username="token:p", name="Tuần tra", role="operator", rank=Rank.PATROL)
RIGHT = Velocity(pan=0.5)
HOME_AFTER_S = 60.0


@dataclass
class Bench:
    """A desk beside one camera, with a clock that stands until it is moved."""

    camera: ScriptedCamera
    spec: CameraConfig
    now: float = 1000.0
    acts: list[PtzAct] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)

    def desk(self) -> PtzController:
        self.sites.append(
            Site(
                cameras=(self.spec,),
                networks=NetworksConfig(onvif=(IPv4Network("127.0.0.1/32"),)),
                ptz=PtzConfig(home_after_s=HOME_AFTER_S),
            )
        )
        return PtzController(
            lambda: self.sites[-1], lambda: self.now, self.acts.append, settings=FAST
        )

    def told(self, operation: str) -> int:
        return self.camera.operations().count(operation)

    def kinds(self) -> list[str]:
        return [act.kind.value for act in self.acts]


def made_camera(camera: ScriptedCamera, **changes: Any) -> CameraConfig:
    facts: dict[str, Any] = {
        "id": "gate",
        "name": "Cổng",
        "source": SecretUrl("rtsp://an:kin@127.0.0.1/sub"),
        "ptz": True,
        "onvif": OnvifLink(service=camera.login.service),
    }
    return CameraConfig(**(facts | changes))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(patient(5)):
        while not condition():
            await asyncio.sleep(0.01)


def run(bench: Bench, deed: Callable[[PtzController], Awaitable[None]]) -> None:
    async def whole() -> None:
        desk = bench.desk()
        desk.start()
        try:
            await deed(desk)
        finally:
            await desk.close()

    asyncio.run(whole())


def motion(desk: PtzController) -> Motion | None:
    driver = desk.driver("gate")
    return None if driver is None else driver.motion


def position(desk: PtzController) -> Position | None:
    driver = desk.driver("gate")
    return None if driver is None else driver.position
