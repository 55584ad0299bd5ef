"""Address by which other machines reach this centre: phones, walls, colleagues."""

from enum import StrEnum
from urllib.parse import urlsplit

from fastapi import Request

from thapcanh.app.web_api.access.session_routes import origin_of
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.config.site import CentreConfig
from thapcanh.ingest.address_guard import means_this_machine


class AddressProblem(StrEnum):
    """Why an address does not serve another machine, or serves it badly."""

    THIS_MACHINE = "this_machine"  # localhost: every machine takes it for itself
    PLAIN_HTTP = "plain_http"  # can be read on the way, and a phone gives it no camera


class PublicAddress(ApiModel):
    """A whole address to open elsewhere, and what is wrong with it."""

    url: str
    problem: AddressProblem | None


def public_address(centre: CentreConfig, request: Request, path: str) -> PublicAddress:
    """Return the URL of `path` (starting with a slash) for other machines."""
    base = (centre.public_url or origin_of(request).text).rstrip("/")
    return PublicAddress(url=base + path, problem=_problem_of(base))


def _problem_of(base: str) -> AddressProblem | None:
    parts = urlsplit(base)
    if means_this_machine(parts.hostname or ""):
        return AddressProblem.THIS_MACHINE
    return None if parts.scheme == "https" else AddressProblem.PLAIN_HTTP
