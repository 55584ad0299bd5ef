"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from thapcanh.alerts.accounts.account_tables import api_token, second_factor
from thapcanh.alerts.calls.caller_link_tables import caller_link
from thapcanh.alerts.calls.citizen_message_tables import citizen_message
from thapcanh.alerts.calls.incoming_call_store import incoming_call
from thapcanh.alerts.coverage.coverage_store import camera_span
from thapcanh.alerts.crews.crew_tables import crew_report
from thapcanh.alerts.drills.drill_store import drill
from thapcanh.alerts.evidence.keeping.legal_holds import hold
from thapcanh.alerts.facilities.facility_tables import facility
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.links.link_tables import site_link
from thapcanh.alerts.positions.position_store import unit_track
from thapcanh.alerts.public_notices.public_notice_rows import public_notice
from thapcanh.alerts.registry.registry_tables import registry_entry
from thapcanh.alerts.reports.situation import situation_text
from thapcanh.alerts.shifts.roster import roster_duty
from thapcanh.alerts.shifts.shift_tables import shift
from thapcanh.alerts.signals.device_signals import device_signal
from thapcanh.alerts.signals.device_store import device
from thapcanh.alerts.statistics.outcomes import outcome
from thapcanh.alerts.store.coordination.centres import centre
from thapcanh.alerts.store.outbox.outbox import delivery
from thapcanh.alerts.suppression.habits import camera_habit
from thapcanh.alerts.suppression.shelving import shelf
from thapcanh.alerts.viewings.viewing_store import viewing
from thapcanh.alerts.weather.weather_advisory import haze_camera

connection = context.config.attributes["connection"]
# These files of tables join one list by being imported.
tables = [
    part.metadata
    for part in (
        *(camera_span, camera_habit, haze_camera, drill, hold, shelf, shift, api_token),
        *(second_factor, viewing, incident, delivery, registry_entry, device_signal),
        *(
            incoming_call,
            caller_link,
            citizen_message,
            situation_text,
            roster_duty,
            centre,
            crew_report,
            facility,
            device,
            unit_track,
            outcome,
            public_notice,
            site_link,
        ),
    )
]
context.configure(
    connection=connection,
    target_metadata=tables[0],
    transactional_ddl=False,
    on_version_apply=context.config.attributes.get("applied"),  # called after each migration
)
context.run_migrations()
