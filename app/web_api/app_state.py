"""The parts of one API, made once by `create_app` and handed to every endpoint as `AppStateDep`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from alerts.store.roles import DataFilter
from app.cameras.camera_board import CameraBoard
from app.cameras.camera_texts import CameraTexts
from app.cameras.prober import Prober
from app.exports.jobs import ExportJobs
from app.health.liveness import Liveness
from app.imports.file_reader import FileReader
from app.imports.import_places import ImportPlaces
from app.live.live_view import LiveView
from app.ptz.acts import PtzActLog
from app.ptz.ptz_desk import PtzDesk
from app.site.site_recordings import SiteFilm
from app.stream.change_feed import ChangeFeed
from app.stream.change_source import ArchiveChanges
from app.stream.event_intake import EventIntake
from app.trials.rule_trial import RuleTrials
from app.viewings.viewing_log import ViewingLog
from app.walls.walls import Walls
from app.web_api.access.bounded_executor import BoundedExecutor
from app.web_api.access.oidc_client import OidcClient
from app.web_api.access.second_factors import SecondFactors
from app.web_api.access.sessions import Sessions
from app.web_api.access.sign_in import SignIn
from app.web_api.app_context import AppContext
from app.web_api.middleware.concurrency_limit import RequestLimit
from app.web_api.middleware.known_sessions import KnownSessions
from app.web_api.people import People
from app.web_api.request_rate import RequestRate


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """What endpoints work with."""

    services: AppContext
    people: People
    cameras: CameraBoard
    camera_texts: CameraTexts
    changes: ArchiveChanges
    feed: ChangeFeed
    live: LiveView
    ptz: PtzDesk
    ptz_log: PtzActLog
    pulse: Callable[[DataFilter], str]
    intake: EventIntake
    sessions: Sessions
    sign_in: SignIn
    second_factors: SecondFactors
    viewings: ViewingLog
    oidc: OidcClient
    walls: Walls
    prober: Prober
    trials: RuleTrials
    exports: ExportJobs
    film: SiteFilm
    searches: RequestRate
    crowd: RequestLimit
    began_at: float  # by the monotonic clock
    known: KnownSessions
    lookups: CapacityLimiter
    health: CapacityLimiter
    liveness: Liveness
    logins: BoundedExecutor
    provider_calls: BoundedExecutor
    files: FileReader = field(default_factory=FileReader)
    imports: ImportPlaces = field(default_factory=ImportPlaces)


async def app_state_of(request: Request) -> AppState:
    """The parts of the app that serves this request."""
    return cast(AppState, request.app.state.parts)


AppStateDep = Annotated[AppState, Depends(app_state_of)]
