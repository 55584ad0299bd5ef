"""Alembic's entry: runs the migrations on the connection that `Database` hands in."""

from alembic import context

from alerts.archive.shift_tables import shift

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=shift.metadata, transactional_ddl=False)
context.run_migrations()
