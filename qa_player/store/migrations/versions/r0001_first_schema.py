"""The first schema: connections, sessions, annotations, timings, the cache's index, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make every table of an empty database."""
    _make_listing()
    _make_work()
    _make_cache()
    _make_trail()


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, primary_key=primary_key)


def _whole(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, nullable=nullable)


def _make_listing() -> None:
    op.create_table("connections", _text("name", primary_key=True), _text("payload"), sqlite_strict=True)
    op.create_table(
        "sessions",
        sa.Column("number", sa.Integer, primary_key=True),
        _text("connection"),
        _text("session_id"),
        _whole("started_at_ms"),
        _whole("duration_ms"),
        _text("title"),
        _text("state"),
        _text("recording_state"),
        _text("search"),
        sa.UniqueConstraint("connection", "session_id", name="sessions_once"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("sessions_by_start", "sessions", ["started_at_ms", "number"])
    op.create_index("sessions_by_duration", "sessions", ["duration_ms", "number"])
    op.create_index("sessions_by_title", "sessions", ["title", "number"])
    op.create_index("sessions_by_connection_and_start", "sessions", ["connection", "started_at_ms", "number"])
    for name, columns in (
        ("session_payloads", [_text("payload")]),
        ("details", [_text("payload"), sa.Column("raw", sa.LargeBinary, nullable=False)]),
    ):
        number = sa.ForeignKey("sessions.number", ondelete="CASCADE")
        op.create_table(name, sa.Column("number", sa.Integer, number, primary_key=True), *columns, sqlite_strict=True)


def _make_work() -> None:
    op.create_table(
        "annotations",
        _text("annotation_id", primary_key=True),
        _text("connection"),
        _text("session_id"),
        _text("kind"),
        _whole("start_ms"),
        _whole("end_ms"),
        _whole("turn_index"),
        _text("role", nullable=True),
        _text("quote"),
        _text("tag"),
        _text("severity", nullable=True),
        _text("text"),
        _text("author"),
        _text("created_at"),
        _text("updated_at"),
        _whole("revision", nullable=False),
        sqlite_strict=True,
    )
    op.create_index("annotations_by_session", "annotations", ["connection", "session_id"])
    op.create_table(
        "timings",
        _text("connection", primary_key=True),
        _text("session_id", primary_key=True),
        _text("payload"),
        sqlite_strict=True,
    )


def _make_cache() -> None:
    op.create_table(
        "cache_records",
        _text("cache_id", primary_key=True),
        _text("connection"),
        _text("session_id"),
        sa.Column("wrapped_key", sa.LargeBinary),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_index("cache_records_by_session", "cache_records", ["connection", "session_id"])


def _make_trail() -> None:
    op.create_table(
        "session_keys",
        _text("connection", primary_key=True),
        _text("session_id", primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "audit",
        sa.Column("sequence", _WHOLE, primary_key=True, autoincrement=False),
        _text("at"),
        _text("actor"),
        _text("action"),
        _text("connection", nullable=True),
        _text("session_id", nullable=True),
        _text("subject", nullable=True),
        _text("detail"),
        _text("content_hmac", nullable=True),
        _text("previous"),
        _text("digest"),
        sqlite_strict=True,
    )
    op.create_index("audit_by_session", "audit", ["connection", "session_id"])
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        _whole("sequence", nullable=False),
        _text("digest"),
        sa.CheckConstraint("one = 1", name="audit_head_once"),
        sqlite_strict=True,
    )
    for name, moment in (
        ("audit_is_never_changed", "UPDATE ON audit BEGIN"),
        ("audit_is_never_deleted", "DELETE ON audit BEGIN"),
        # without this one INSERT OR REPLACE would change a row and call no other trigger
        ("audit_only_grows", "INSERT ON audit WHEN NEW.sequence <= (SELECT max(sequence) FROM audit) BEGIN"),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE {moment} SELECT RAISE(ABORT, 'the audit trail only grows'); END")
