"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from alerts.archive.models.api_tokens import api_token
from alerts.archive.models.coverage import camera_span
from alerts.archive.models.drills import drill
from alerts.archive.models.habits import camera_habit
from alerts.archive.models.incidents import incident
from alerts.archive.models.incoming_calls import incoming_call
from alerts.archive.models.legal_holds import hold
from alerts.archive.models.outbox import delivery
from alerts.archive.models.registry import registry_entry
from alerts.archive.models.roster import roster_duty
from alerts.archive.models.second_factors import second_factor
from alerts.archive.models.shelvings import shelf
from alerts.archive.models.shifts import shift
from alerts.archive.models.signals import device_signal
from alerts.archive.models.situation import situation_text
from alerts.archive.models.viewings import viewing

connection = context.config.attributes["connection"]
# These files of tables join one list by being imported.
tables = [
    part.metadata
    for part in (
        *(camera_span, camera_habit, drill, hold, shelf, shift, api_token),
        *(second_factor, viewing, incident, delivery, registry_entry, device_signal),
        *(incoming_call, situation_text, roster_duty),
    )
]
context.configure(connection=connection, target_metadata=tables[0], transactional_ddl=False)
context.run_migrations()
