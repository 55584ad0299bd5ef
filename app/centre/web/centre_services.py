"""Services that the centre gives to the web API."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.positions.roads import Roads
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.stream.change_feed import ChangeFeedSettings
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.access.passwords.hasher import PasswordChecker, Passwords
from thapcanh.app.web_api.app_state import AppContext

if TYPE_CHECKING:  # a site without links never imports it
    from thapcanh.app.links.link_service import LinkService


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreServices(AppContext):
    """Everything that the web face needs; it makes none of it itself."""

    cameras: CameraBoard
    web_dist: Path
    factor_secrets: FactorSecrets
    docs_dist: Path | None = None
    """The documents as a site, where they were built."""
    host_names: frozenset[str] = frozenset()
    """Under which this server is asked, beside digits, `localhost` and the machine's own name."""
    passwords: PasswordChecker = field(default_factory=Passwords)
    feed: ChangeFeedSettings = field(default_factory=ChangeFeedSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
    signals: SignalService | None = None
    positions: PositionService | None = None
    roads: Roads | None = None
    links: "LinkService | None" = None
