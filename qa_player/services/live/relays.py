"""Relays in other processes and on servers, as this window listens to them: added with a key, attended, removed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_player.errors import ConflictError, KeychainError, NotFoundError, NotReadyError, QaPlayerError, UsageError
from qa_player.model.live import Capture, CaptureState, RelayElsewhere, RelayLine, RelayPlace
from qa_player.model.secret import Secret
from qa_player.services.kept_key import KeptKey
from qa_player.services.live.attending import Attendance, Events
from qa_player.services.live.captures import CONNECTION, Captures
from qa_player.services.live.mirror import PASSING
from qa_player.services.live.rows import RelayRows
from qa_player.signal import Signal

if TYPE_CHECKING:
    import ssl

    from qa_player.credentials import Keychain
    from qa_player.live.hearing import Dialled
    from qa_player.live.received import Received
    from qa_player.store.database import Transaction

OWN = ""


@dataclass(frozen=True)
class Reach:
    """What relays elsewhere are reached with: their keys are in ``keychain``; ``proxy`` is as the settings have it."""

    keychain: Keychain
    home_id: str
    proxy: str


class Relays:
    """``changed``: calls came or went, or a line is another. ``heard`` names a session that there is more of; ``kept``
    a call that is whole now; ``trouble`` is to be told, with what to do. Off until `attend`.
    """

    def __init__(
        self,
        captures: Captures,
        reach: Reach,
        own: Callable[[], Awaitable[tuple[RelayPlace, Secret] | None]],
    ) -> None:
        self.changed: Signal[()] = Signal()
        self.heard: Signal[str] = Signal()
        self.kept: Signal[Capture] = Signal()
        self.trouble: Signal[str, str] = Signal()
        self._captures, self._reach, self._own = captures, reach, own
        self._attended: dict[str, tuple[Attendance, asyncio.Task[None]]] = {}
        captures.fetch = self._fetch

    # which there are

    async def all(self) -> tuple[RelayElsewhere, ...]:
        """All relays elsewhere, by name."""
        from qa_player.store import listeners

        return await self._captures.database.read(listeners.relays)

    def host_of(self, url: str) -> str:
        """Who gets the key, as a person is asked to agree to it. Raises UsageError for what is no encrypted address."""
        from qa_player.live.place import Outside

        return Outside.named(url).host

    async def add(self, name: str, url: str, key: Secret) -> RelayElsewhere:
        """Dial once, then keep address and key; nothing is kept when the relay refuses.

        Raises UsageError, ConflictError, KeyRefusedError, NetworkError, KeychainError.
        """
        from qa_player.live.hearing import Hearing
        from qa_player.live.place import Outside
        from qa_player.store import listeners

        if not 0 < len(name) <= 100 or not name.isprintable():
            raise UsageError("This is no name for a relay.", "Give one of up to 100 letters, as in “Office”.")
        if not key:
            raise UsageError("The key is empty.", "Make one where the relay runs: `qa-player live listener add NAME`.")
        relay = RelayElsewhere(name=name, url=Outside.named(url).url, added_at=self._captures.trail.now())
        if name in {one.name for one in await self.all()}:
            raise ConflictError("There is a relay of that name.", "Choose another name, or remove that one first.")
        await (await Hearing.opened(await self._dialled(relay, key))).aclose()
        kept = self._kept(name, key)
        await kept.keep()
        try:
            await self._write(lambda transaction: listeners.save_relay(transaction, relay), "live.relay_added", relay)
        except QaPlayerError:
            with contextlib.suppress(QaPlayerError):
                await kept.forget()
            raise
        if OWN in self._attended:
            self._begin(name, lambda: self._dial(relay))
        self.changed.emit()
        return relay

    async def remove(self, name: str) -> None:
        """Forget a relay and its key; what was kept of its calls stays. Raises NotFoundError, KeychainError."""
        from qa_player.store import listeners

        relay = next((one for one in await self.all() if one.name == name), None)
        if relay is None:
            raise NotFoundError("There is no relay of that name.", "See `qa-player live relay list`.")
        await self._kept(name, Secret("")).forget()
        await self._end(name)
        rows = RelayRows(self._captures, name)
        for row in await rows.under_way():
            await rows.over(row, None)
        await self._write(lambda transaction: listeners.forget_relay(transaction, name), "live.relay_removed", relay)
        self.changed.emit()

    # listening

    async def attend(self) -> None:
        """Listen to every relay that was added, and to this home's own in another process, until `aclose`."""
        if OWN in self._attended:
            return
        await asyncio.to_thread(self._captures.sweep, PASSING)
        self._begin(OWN, self._dial_own)
        for relay in await self.all():
            self._begin(relay.name, lambda relay=relay: self._dial(relay))  # type: ignore[misc]

    async def aclose(self) -> None:
        """Listen no more."""
        for name in list(self._attended):
            await self._end(name)

    @property
    def calls(self) -> tuple[Capture, ...]:
        """The calls that go on at relays elsewhere."""
        return tuple(call for one, _ in self._attended.values() for call in one.calls.values())

    def line_of(self, relay: str) -> RelayLine:
        """How the line to a relay is; the empty name stands for this home's own in another process."""
        attended = self._attended.get(relay)
        return RelayLine.DIALLING if attended is None else attended[0].state

    def at(self, session_id: str) -> Attendance | None:
        """The relay at which a call goes on; null for one that is not heard through a relay elsewhere."""
        return next(
            (
                one
                for one, _ in self._attended.values()
                if session_id in {call.session_id for call in one.calls.values()}
            ),
            None,
        )

    async def follow(self, session_id: str) -> Received | None:
        """What comes of a call from now on, with all that came before; null where it is at no relay elsewhere.

        Raises NetworkError, StorageError.
        """
        relay = self.at(session_id)
        return None if relay is None else (await relay.follow(session_id)).received

    async def _fetch(self, capture: Capture) -> None:
        """Have a call that has ended, and that nobody listened to, from its relay."""
        attended = self._attended.get(capture.relay)
        if attended is None or capture.state is not CaptureState.ELSEWHERE:
            raise NotReadyError(
                "This call is kept by the relay that received it.", "Open it in the window, with that relay added."
            )
        await attended[0].fetch(capture)

    # inside

    def _begin(self, name: str, dial: Callable[[], Awaitable[Dialled | None]]) -> None:
        events = Events(self.changed.emit, self.heard.emit, self.kept.emit, self.trouble.emit)
        one = Attendance(RelayRows(self._captures, name), self._captures, dial, events)
        task = asyncio.create_task(one.run(), name="relay elsewhere")
        task.add_done_callback(_failed)
        self._attended[name] = (one, task)

    async def _end(self, name: str) -> None:
        attended = self._attended.pop(name, None)
        if attended is not None:
            one, task = attended
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await one.aclose()

    async def _dial(self, relay: RelayElsewhere) -> Dialled | None:
        key = await self._reach.keychain.get(self._entry(relay.name))
        if key is None:
            raise KeychainError("The relay's key is no longer in the keychain.", "Add it again.", state="missing")
        return await self._dialled(relay, key)

    async def _dialled(self, relay: RelayElsewhere, key: Secret) -> Dialled:
        from qa_player.live.hearing import Dialled

        tls = await asyncio.to_thread(_trusted) if relay.url.startswith("https") else None
        return Dialled(relay.url, key, tls, proxy=self._reach.proxy)

    async def _dial_own(self) -> Dialled | None:
        from qa_player.live.hearing import Dialled
        from qa_player.live.place import Listening

        found = await self._own()
        if found is None:
            return None
        place, key = found
        listening = Listening.at(place.listening)
        at = place.listening if listening.is_loopback else f"127.0.0.1:{listening.port}"
        scheme = "http" if place.certificate is None else "https"
        # met on this machine under the name it has outside, if it has one that is spoken to as it speaks
        url = place.public_url if place.public_url.startswith(f"{scheme}:") else f"{scheme}://{place.listening}"
        return Dialled(url, key, at=at, certificate=place.certificate)

    def _kept(self, name: str, key: Secret) -> KeptKey:
        return KeptKey(self._reach.keychain, self._entry(name), key, kept=not key)

    def _entry(self, name: str) -> str:
        return f"relay/{self._reach.home_id}/{name}"

    async def _write(self, change: Callable[[Transaction], object], action: str, relay: RelayElsewhere) -> None:
        def write(transaction: Transaction) -> None:
            change(transaction)
            self._captures.trail.append(transaction, action, connection=CONNECTION, subject=relay.name)

        await self._captures.database.write(write)


def _failed(task: asyncio.Task[None]) -> None:
    """It ends only when it is cancelled; whatever else ended it is a fault of ours."""
    if not task.cancelled() and task.exception() is not None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "listening to a relay elsewhere failed", "exception": task.exception()}
        )


def _trusted() -> ssl.SSLContext:
    from qa_player.providers.lines import trusted_by_the_system

    return trusted_by_the_system()
