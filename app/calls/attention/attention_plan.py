"""Which cameras look harder at this moment, from the archive's calls and the site in force."""

from alerts.calls.call_attention import AttentionPlan, AttentionSettings, planned
from alerts.calls.telling_calls import telling_calls
from alerts.store.database import Database
from alerts.store.distance import Position
from alerts.store.roles import EVERYTHING
from app.cameras.nearest_cameras import camera_grid
from config.site import Site

SETTINGS = AttentionSettings()


def attention_plan(database: Database, site: Site, now: float) -> AttentionPlan:
    """What each camera is given now; raises `ArchiveError`.

    Whose camera it is does not matter here: a call is heard by every agency's cameras.
    """
    grid = camera_grid(site)

    def near(place: Position) -> list[tuple[str, float]]:
        found = grid.near(place, EVERYTHING, within_m=SETTINGS.within_m)
        return [(one.camera.id, one.distance_m) for one in found]

    calls = telling_calls(database, now - SETTINGS.for_s)
    return planned(calls, near, SETTINGS.room(len(site.cameras)), SETTINGS)
