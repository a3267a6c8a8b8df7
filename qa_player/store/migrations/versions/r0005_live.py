"""Calls in progress: who is expected, what may not come twice, streams that are billed, and what was received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "live_expectations",
        _key("token"),
        _text("callback"),
        sa.Column("expires_at_ms", _whole(), nullable=False),
        _text("session_id", nullable=True),
        _text("payload"),
        sa.UniqueConstraint("callback", name="live_callback_once"),
        sqlite_strict=True,
    )
    op.create_table("live_nonces", _key("nonce"), sa.Column("seen_at_ms", _whole(), nullable=False), sqlite_strict=True)
    op.create_table(
        "live_streams",
        *map(_key, ("connection", "call_id", "stream_id")),
        _text("state"),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_table(
        "live_captures",
        _key("session_id"),
        _text("call_id"),
        _text("state"),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_table(
        "live_relay",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        _text("payload"),
        sa.CheckConstraint("one = 1", name="live_relay_once"),
        sqlite_strict=True,
    )


def _whole() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)
