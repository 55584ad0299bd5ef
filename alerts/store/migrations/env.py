"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from alerts.accounts.account_tables import api_token, second_factor
from alerts.calls.caller_link_tables import caller_link
from alerts.calls.citizen_message_tables import citizen_message
from alerts.calls.incoming_call_store import incoming_call
from alerts.coverage.coverage_store import camera_span
from alerts.crews.crew_tables import crew_report
from alerts.drills.drill_table import drill
from alerts.evidence.keeping.legal_holds import hold
from alerts.facilities.facility_tables import facility
from alerts.incidents.incident_tables import incident
from alerts.positions.track_table import unit_track
from alerts.public_notices.public_notice_tables import public_notice
from alerts.registry.registry_tables import registry_entry
from alerts.reports.situation_texts import situation_text
from alerts.shifts.roster import roster_duty
from alerts.shifts.shift_tables import shift
from alerts.signals.device_tables import device
from alerts.signals.signal_table import device_signal
from alerts.statistics.outcome_table import outcome
from alerts.store.coordination.centres import centre
from alerts.store.outbox.outbox import delivery
from alerts.suppression.habit_tables import camera_habit
from alerts.suppression.shelving_table import shelf
from alerts.viewings.viewing_store import viewing

connection = context.config.attributes["connection"]
# These files of tables join one list by being imported.
tables = [
    part.metadata
    for part in (
        *(camera_span, camera_habit, drill, hold, shelf, shift, api_token),
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
