"""Full text of transcripts and annotations; what is kept already is put into it by the first search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the index and the table that says what of it belongs to what."""
    op.create_table(
        "search_indexed",
        sa.Column("subject", sa.Text, primary_key=True, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("first", _WHOLE, nullable=False),
        sa.Column("last", _WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(
        "CREATE VIRTUAL TABLE search USING "
        "fts5(text, facets, place UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4')"
    )
    op.execute("INSERT INTO search(search, rank) VALUES ('secure-delete', 1)")
