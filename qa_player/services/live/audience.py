"""Who listens to the relay of this home from elsewhere: let in by key, told of calls, and put down in the trail."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from qa_player.errors import ConflictError, NotFoundError, UsageError
from qa_player.model.live import Capture, CaptureState, ListenerKey
from qa_player.model.secret import Secret
from qa_player.sealed import derive_key
from qa_player.services.live.captures import CONNECTION, Captures

if TYPE_CHECKING:
    from collections.abc import Callable

    from qa_player.live.audience import Listener
    from qa_player.live.journal import Journal
    from qa_player.store.database import Transaction

KEY_BYTES = 32
OWN = "this home"
"""The name of a window of the relay's own home, which needs no key that anybody made."""
HANDED_ON_FOR = timedelta(days=1)
"""So long after its end a call is still handed on: to whoever lost the line, or opens it late."""


class LiveAudience:
    """Fits ``live.audience.House``. ``run`` of the relay's place is part of this home's own key."""

    def __init__(self, captures: Captures, key: bytes, calls: Callable[[], tuple[Capture, ...]]) -> None:
        self.calls = calls
        self.run = ""
        self._captures = captures
        self._key = key
        self._here: dict[int, Listener] = {}

    @property
    def listening(self) -> tuple[str, ...]:
        """The names of those who have a line open now."""
        return tuple(sorted(one.name for one in self._here.values()))

    def own_key(self, run: str) -> Secret:
        """The key of windows of this home, for one run of its relay."""
        return Secret(derive_key(self._key, f"listener {run}").hex())

    # keys

    async def keys(self) -> tuple[ListenerKey, ...]:
        """All who may listen, by name."""
        from qa_player.store import listeners

        return await self._captures.database.read(listeners.listeners)

    async def add(self, name: str) -> Secret:
        """A key for one more listener: told this once, kept nowhere. Raises UsageError, ConflictError."""
        from qa_player.store import listeners

        if not 0 < len(name) <= 100 or not name.isprintable() or name == OWN:
            raise UsageError("This is no name for a listener.", "Give one of up to 100 letters, as in “Front desk”.")
        key = secrets.token_urlsafe(KEY_BYTES)
        made = ListenerKey(name=name, key_sha256=_digest(key), made_at=self._captures.trail.now())

        def keep(transaction: Transaction) -> bool:
            if name in {one.name for one in listeners.listeners(transaction)}:
                return False
            listeners.save_listener(transaction, made)
            self._captures.trail.append(transaction, "live.listener_added", connection=CONNECTION, subject=name)
            return True

        if not await self._captures.database.write(keep):
            raise ConflictError("There is a listener of that name.", "Choose another name, or remove that one first.")
        return Secret(key)

    async def remove(self, name: str) -> None:
        """Whoever has this key listens no longer, in whatever process the relay is. Raises NotFoundError."""
        from qa_player.store import listeners

        def forget(transaction: Transaction) -> bool:
            known = listeners.forget_listener(transaction, name)
            if known:
                self._captures.trail.append(transaction, "live.listener_removed", connection=CONNECTION, subject=name)
            return known

        if not await self._captures.database.write(forget):
            raise NotFoundError("There is no listener of that name.", "See `qa-player live listener list`.")
        await self.look()

    # the relay asks

    async def let_in(self, key: str) -> Listener | None:
        """Whoever has this key; null for everybody else. All keys are compared, each in constant time."""
        from qa_player.live.audience import Listener

        name, digest = None, _digest(key)
        for one in await self.keys():
            name = one.name if hmac.compare_digest(one.key_sha256, digest) else name
        if self.run and hmac.compare_digest(_digest(self.own_key(self.run).reveal()), digest):
            name = OWN
        if name is None:
            return None
        await self._put_down("live.listener_came", name)
        listener = Listener(name, self, left=self._gone)
        self._here[id(listener)] = listener
        return listener

    async def look(self) -> None:
        """Hang up on those whose key was removed."""
        if self._here:
            known = {one.name for one in await self.keys()} | {OWN}
            for listener in list(self._here.values()):
                if listener.name not in known:
                    listener.hang_up("this listener's key was removed")

    def _gone(self, listener: Listener) -> None:
        self._here.pop(id(listener), None)

    def stir(self) -> None:
        """There is something new to be handed on."""
        for listener in self._here.values():
            listener.stir()

    async def follows(self, listener: str, session_id: str) -> Journal | None:
        """What came of a call. That somebody listens to it is in the trail before they hear anything."""
        capture = await self._captures.named(session_id)
        if not self._is_handed_on(capture):
            return None
        await self._put_down("live.listened_by", listener, session_id)
        return (await self._captures.received(session_id))[1].journal

    async def over(self, session_id: str) -> Capture | None:
        """How a call ended; null for one that is not handed on."""
        capture = await self._captures.named(session_id)
        return capture if self._is_handed_on(capture) and capture.state is not CaptureState.RECEIVING else None

    def _is_handed_on(self, capture: Capture) -> bool:
        late = capture.ended_at is not None and self._captures.trail.now() - capture.ended_at > HANDED_ON_FOR
        return not capture.imported and not capture.relay and not late

    async def _put_down(self, action: str, listener: str, session_id: str | None = None) -> None:
        await self._captures.database.write(
            lambda transaction: self._captures.trail.append(
                transaction, action, connection=CONNECTION, session_id=session_id, subject=listener
            )
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
