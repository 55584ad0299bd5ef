"""Every feature's routes; where two paths fit a request, the first in this order answers."""

from thapcanh.app.accounts import (
    account_routes,
)
from thapcanh.app.alert import (
    alert_routes,
    bulk_routes,
    history_routes,
)
from thapcanh.app.calls import (
    call_routes,
    caller_link_routes,
    caller_page_routes,
    citizen_media_routes,
    citizen_message_routes,
    incoming_routes,
    redaction_routes,
)
from thapcanh.app.cameras import (
    camera_routes,
    probe_routes,
    shape_routes,
)
from thapcanh.app.coverage import (
    coverage_routes,
)
from thapcanh.app.crews import (
    crew_desk_routes,
    crew_routes,
    crew_send_routes,
)
from thapcanh.app.delivery import (
    delivery_routes,
)
from thapcanh.app.drills import (
    drill_routes,
)
from thapcanh.app.evidence import (
    evidence_routes,
    hold_routes,
)
from thapcanh.app.exports import (
    export_routes,
)
from thapcanh.app.facilities import (
    document_routes,
    facility_import_routes,
    facility_routes,
)
from thapcanh.app.geojson import geojson_routes
from thapcanh.app.imports import import_routes
from thapcanh.app.incidents import (
    alert_incident_routes,
    cap_routes,
    command_routes,
    detail_routes,
    holder_routes,
    incident_routes,
    run_card_routes,
    unit_routes,
    worklist_routes,
)
from thapcanh.app.live import (
    live_routes,
)
from thapcanh.app.map import nearby_routes, site_routes
from thapcanh.app.phones import phone_routes
from thapcanh.app.positions import position_routes
from thapcanh.app.ptz import (
    ptz_neighbour_routes,
    ptz_routes,
)
from thapcanh.app.public_notices import (
    public_notice_routes,
    public_page_routes,
)
from thapcanh.app.recordings import (
    recording_hold_routes,
    recording_routes,
)
from thapcanh.app.registry import (
    history_routes as history_routes_of_registry,
)
from thapcanh.app.registry import (
    registry_routes,
)
from thapcanh.app.registry.discovery import (
    discover_routes,
)
from thapcanh.app.reports import (
    report_routes,
    situation_routes,
)
from thapcanh.app.shifts import (
    roster_routes,
    shift_routes,
)
from thapcanh.app.sightings import (
    search_routes,
)
from thapcanh.app.signals import (
    device_routes,
    signal_routes,
)
from thapcanh.app.statistics import (
    outcome_routes,
    statistic_routes,
)
from thapcanh.app.stream import (
    stream_routes,
)
from thapcanh.app.suppression import (
    habit_routes,
    nuisance_routes,
    shelving_routes,
)
from thapcanh.app.trials import (
    trial_routes,
)
from thapcanh.app.viewings import (
    viewing_routes,
)
from thapcanh.app.walls import (
    wall_routes,
)
from thapcanh.app.watch_areas import (
    watch_area_routes,
)
from thapcanh.app.web_api.access import (
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
    holder_routes,
    run_card_routes,
    unit_routes,
    worklist_routes,
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
