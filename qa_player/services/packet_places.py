"""Where a session that a packet names is kept here: connections have other names at other people's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.calibration import PacketSession

if TYPE_CHECKING:
    from qa_player.store.database import Transaction

Place = tuple[str, str]
"""Connection and session id, as they are called here."""


def place_here(transaction: Transaction, named: PacketSession) -> Place | None:
    """The connection of the same name first, else any other to the same provider; null where none keeps the session."""
    from qa_player.store import connections, sessions

    others = (one.name for one in connections.load_all(transaction) if one.provider == named.provider)
    for connection in dict.fromkeys((named.connection, *others)):
        kept = sessions.session(transaction, connection, named.session_id)
        if kept is not None and kept.provider == named.provider:
            return connection, named.session_id
    return None
