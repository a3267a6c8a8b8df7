"""The only door to the database: connecting, migrations, records, the audit chain."""
