"""Plan of a camera's feed: address, trust and masks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from thapcanh.config.camera import CameraConfig, TlsTrust, Transport
from thapcanh.config.geometry import Polygon
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import Network
from thapcanh.config.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """Settings of a feed; `url` is the stream for live view."""

    camera_id: str
    url: SecretUrl
    privacy_masks: tuple[Polygon, ...] = ()
    transport: Transport = Transport.AUTO
    tls: TlsTrust = field(default_factory=TlsTrust)
    networks: tuple[Network, ...] = ()
    """Where the camera's name may lead; empty: to any other machine."""


def plan_for(camera: CameraConfig, site: Site) -> FeedPlan:
    return FeedPlan(
        camera_id=camera.id,
        url=camera.main_source or camera.source,
        privacy_masks=camera.privacy_masks,
        transport=camera.transport,
        tls=camera.tls,
        networks=site.camera_networks,
    )


def plan_form(plan: FeedPlan) -> dict[str, Any]:
    """Return the plan as JSON including the login, for the live process only."""
    return {
        "camera": plan.camera_id,
        "url": plan.url.reveal(),
        "masks": plan.privacy_masks,
        "transport": plan.transport.value,
        "ca": None if plan.tls.ca is None else str(plan.tls.ca),
        "pin": plan.tls.pin,
        "insecure": plan.tls.insecure,
        "networks": [str(network) for network in plan.networks],
    }


def plan_of_form(form: Mapping[str, Any]) -> FeedPlan:
    """Return the plan from `plan_form`."""
    return FeedPlan(
        camera_id=form["camera"],
        url=SecretUrl(form["url"]),
        privacy_masks=tuple(tuple((x, y) for x, y in mask) for mask in form["masks"]),
        transport=Transport(form["transport"]),
        tls=TlsTrust(
            ca=None if form["ca"] is None else Path(form["ca"]),
            pin=form["pin"],
            insecure=form["insecure"],
        ),
        networks=tuple(ip_network(network) for network in form["networks"]),
    )
