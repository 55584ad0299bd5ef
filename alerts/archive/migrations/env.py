"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from alerts.archive.coverage_tables import camera_span
from alerts.archive.drill_tables import drill
from alerts.archive.hold_tables import hold
from alerts.archive.shelf_tables import shelf
from alerts.archive.shift_tables import shift
from alerts.archive.token_tables import api_token

connection = context.config.attributes["connection"]
# These files of tables join one list by being imported.
tables = [part.metadata for part in (camera_span, drill, hold, shelf, shift, api_token)]
context.configure(connection=connection, target_metadata=tables[0], transactional_ddl=False)
context.run_migrations()
