"""Who may listen to the relay of this home, and the relays elsewhere that are listened to from here."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.live import ListenerKey, RelayElsewhere
from qa_player.store.payloads import from_json
from qa_player.store.tables import LIVE_LISTENERS, LIVE_RELAYS


def listeners(db: Transaction) -> tuple[ListenerKey, ...]:
    """All who may listen, by name."""
    found = db.execute(select(LIVE_LISTENERS.c.payload).order_by(LIVE_LISTENERS.c.name)).scalars()
    return tuple(from_json(ListenerKey, payload) for payload in found)


def save_listener(db: Transaction, listener: ListenerKey) -> None:
    """Keep one more."""
    db.execute(insert(LIVE_LISTENERS).values(name=listener.name, payload=listener.model_dump_json()))


def forget_listener(db: Transaction, name: str) -> bool:
    """Whether there was one of that name; there is none now."""
    return db.execute(delete(LIVE_LISTENERS).where(LIVE_LISTENERS.c.name == name)).rowcount == 1


def relays(db: Transaction) -> tuple[RelayElsewhere, ...]:
    """All relays elsewhere, by name."""
    found = db.execute(select(LIVE_RELAYS.c.payload).order_by(LIVE_RELAYS.c.name)).scalars()
    return tuple(from_json(RelayElsewhere, payload) for payload in found)


def save_relay(db: Transaction, relay: RelayElsewhere) -> None:
    """Keep one more."""
    db.execute(insert(LIVE_RELAYS).values(name=relay.name, payload=relay.model_dump_json()))


def forget_relay(db: Transaction, name: str) -> bool:
    """Whether there was one of that name; there is none now."""
    return db.execute(delete(LIVE_RELAYS).where(LIVE_RELAYS.c.name == name)).rowcount == 1
