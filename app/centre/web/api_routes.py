"""Every feature's routes; where two paths fit a request, the first in this order answers."""

from app.accounts import (
    account_routes,
)
from app.alert import (
    alert_routes,
    bulk_routes,
    history_routes,
)
from app.calls import (
    call_routes,
    caller_link_routes,
    caller_page_routes,
    citizen_media_routes,
    citizen_message_routes,
    incoming_routes,
    redaction_routes,
)
from app.cameras import (
    camera_routes,
    probe_routes,
    shape_routes,
)
from app.coverage import (
    coverage_routes,
)
from app.crews import (
    crew_desk_routes,
    crew_routes,
    crew_send_routes,
)
from app.delivery import (
    delivery_routes,
)
from app.drills import (
    drill_routes,
)
from app.evidence import (
    evidence_routes,
    hold_routes,
)
from app.exports import (
    export_routes,
)
from app.facilities import (
    document_routes,
    facility_import_routes,
    facility_routes,
)
from app.geojson import geojson_routes
from app.imports import import_routes
from app.incidents import (
    alert_incident_routes,
    cap_routes,
    command_routes,
    detail_routes,
    incident_routes,
    run_card_routes,
    unit_routes,
)
from app.live import (
    live_routes,
)
from app.map import nearby_routes, site_routes
from app.phones import phone_routes
from app.positions import position_routes
from app.ptz import (
    ptz_neighbour_routes,
    ptz_routes,
)
from app.public_notices import (
    public_notice_routes,
    public_page_routes,
)
from app.recordings import (
    recording_hold_routes,
    recording_routes,
)
from app.registry import (
    history_routes as history_routes_of_registry,
)
from app.registry import (
    registry_routes,
)
from app.registry.discovery import (
    discover_routes,
)
from app.reports import (
    report_routes,
    situation_routes,
)
from app.shifts import (
    roster_routes,
    shift_routes,
)
from app.sightings import (
    search_routes,
)
from app.signals import (
    device_routes,
    signal_routes,
)
from app.statistics import (
    outcome_routes,
    statistic_routes,
)
from app.stream import (
    stream_routes,
)
from app.suppression import (
    habit_routes,
    nuisance_routes,
    shelving_routes,
)
from app.trials import (
    trial_routes,
)
from app.viewings import (
    viewing_routes,
)
from app.walls import (
    wall_routes,
)
from app.watch_areas import (
    watch_area_routes,
)
from app.web_api.access import (
    oidc_routes,
    second_factor_routes,
    session_routes,
)

API_ROUTES = (
    session_routes,
    oidc_routes,
    second_factor_routes,
    viewing_routes,
    account_routes,
    alert_routes,
    bulk_routes,
    stream_routes,
    evidence_routes,
    camera_routes,
    live_routes,
    ptz_routes,
    ptz_neighbour_routes,
    search_routes,  # before `recordings/{camera_id}`
    recording_routes,
    recording_hold_routes,
    export_routes,
    phone_routes,
    site_routes,
    nearby_routes,
    shape_routes,
    wall_routes,
    probe_routes,
    history_routes,
    report_routes,
    situation_routes,
    outcome_routes,
    statistic_routes,
    hold_routes,
    facility_import_routes,  # before `facilities/{facility_id}`
    facility_routes,
    document_routes,
    drill_routes,
    shift_routes,
    roster_routes,
    shelving_routes,
    coverage_routes,
    nuisance_routes,
    habit_routes,
    alert_incident_routes,
    call_routes,
    caller_link_routes,
    caller_page_routes,
    citizen_media_routes,
    citizen_message_routes,
    crew_desk_routes,
    crew_routes,
    crew_send_routes,
    cap_routes,
    incident_routes,
    incoming_routes,
    redaction_routes,
    command_routes,
    detail_routes,
    run_card_routes,
    unit_routes,
    position_routes,
    public_notice_routes,
    public_page_routes,
    delivery_routes,
    history_routes_of_registry,
    discover_routes,
    import_routes,
    registry_routes,
    watch_area_routes,
    trial_routes,
    device_routes,
    geojson_routes,
    signal_routes,
)
