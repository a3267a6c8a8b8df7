"""How a database of any age becomes one of today: alembic's scripts, run by `store.schema`."""
