"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from alerts.archive.drill_tables import drill
from alerts.archive.shift_tables import shift

connection = context.config.attributes["connection"]
# Both files of tables join one list by being imported.
tables = [part.metadata for part in (drill, shift)]
context.configure(connection=connection, target_metadata=tables[0], transactional_ddl=False)
context.run_migrations()
