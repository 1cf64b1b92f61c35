"""Alembic's entry: runs on the connection, and in the transaction, that `schema.upgrade` opened."""

from alembic import context

from addin_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
