"""Asking Suki for recordings: seldom, since it logs that; with growing pauses after a 404; never after a 410."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from qa_player.errors import GoneError, KeyRefusedError, NotFoundError, NotReadyError, QaPlayerError
from qa_player.model.recording import RecordingMode
from qa_player.providers.door import Document, HttpDoor
from qa_player.providers.presigned import Offered
from qa_player.providers.reading import mapping
from qa_player.providers.vendors.suki.recordings import Offers, gone, is_streamable, none_offered, read_offers
from qa_player.providers.waiting import Waiting

YOUNG_S = 86_400.0
"""For so long after a visit a missing recording may be one that is still being made."""
STILL_FRESH_S = 5.0
MOST_REMEMBERED = 64

T = TypeVar("T")

Ask = Callable[[str, dict[str, str]], Awaitable[Document]]
"""Asks Suki for the recordings of a session, with these parameters."""


class Offering:
    """What Suki offered of each session, and whether it may be asked again."""

    def __init__(self, door: HttpDoor, ask: Ask) -> None:
        self._door = door
        self._ask = ask
        self._waiting = Waiting(door.http.clock)
        self._offers: dict[str, Offers] = {}
        self._answers: dict[str, Document] = {}
        self._began: dict[str, float] = {}
        self._gone: set[str] = set()
        self._silent: set[str] = set()

    def known(self, session_id: str) -> Offers | None:
        """What was offered last; null when nothing was, or it is forgotten."""
        return self._offers.get(session_id)

    def fresh(self, session_id: str, part_id: str) -> Offered | None:
        """The address of one part if it is still good."""
        offers = self._offers.get(session_id)
        offered = None if offers is None else offers.of(part_id)
        if offered is None or (offered.expires_at or self._now() + 60) <= self._now() + STILL_FRESH_S:
            return None
        return offered

    def answered(self, session_id: str) -> Document | None:
        """Suki's last answer while every address in it is good; null when it has to be asked again."""
        offers = self._offers.get(session_id)
        if offers is None or not all(self.fresh(session_id, offer.part_id) for offer in offers.parts):
            return None
        return self._answers.get(session_id)

    def stop_if_useless(self, session_id: str) -> None:
        """Raises GoneError after a 410, and while a pause lasts what was raised before."""
        if session_id in self._gone:
            raise gone()
        if self._waiting.left_s(session_id):
            raise none_offered() if session_id in self._silent else self._waiting.not_ready(session_id)

    def began(self, session_id: str, at: float | None) -> None:
        """Remember when a visit began, in seconds since the epoch."""
        if at is not None:
            _remember(self._began, session_id, at)

    def forget(self) -> None:
        """Hold no address any more; what is gone stays gone."""
        self._offers.clear()
        self._answers.clear()

    async def ask(self, session_id: str, *, expected: bool = True) -> Document:
        """Ask for addresses and remember them; ``expected`` is false where no recording will come any more.

        Raises GoneError, NotReadyError, NoRecordingError (also where this partner may not hear it), and what the door
        raises.
        """
        self.stop_if_useless(session_id)
        mode = RecordingMode.STREAM
        try:
            document = await self._ask(session_id, {"download": "false"})
            if not is_streamable(mapping(document.data)):
                mode = RecordingMode.DOWNLOAD
                document = await self._ask(session_id, {"download": "true"})
        except GoneError:
            self._gone.add(session_id)
            self._offers.pop(session_id, None)
            raise gone() from None
        except KeyRefusedError:
            # a partner may be let see a visit and not hear it
            raise self._missing(session_id, expected=False) from None
        except (NotFoundError, NotReadyError):
            raise self._missing(session_id, expected=expected) from None
        offers = read_offers(mapping(document.data), mode, now=self._now())
        if not offers.parts:
            raise self._missing(session_id, expected=expected)
        self._waiting.came(session_id)
        self._silent.discard(session_id)
        _remember(self._offers, session_id, offers)
        _remember(self._answers, session_id, document)
        return document

    async def ask_part(self, session_id: str, part_id: str) -> Offered:
        """A fresh address of one part. Raises as `ask`, and NotFoundError when it is offered no more."""
        await self.ask(session_id)
        offered = self._offers[session_id].of(part_id)
        if offered is None:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        return offered

    def _missing(self, session_id: str, *, expected: bool) -> QaPlayerError:
        """A recording that is not there: still being made when the visit is young, or nobody knows how old it is."""
        began, now = self._began.get(session_id), self._door.server_time
        old = began is not None and now is not None and now - began > YOUNG_S
        self._waiting.missed(session_id)
        if old or not expected:
            self._silent.add(session_id)
            return none_offered()
        return self._waiting.not_ready(session_id)

    def _now(self) -> float:
        """Suki's time, as far as it has told it."""
        now = self._door.server_time
        return self._door.http.clock.time() if now is None else now


def _remember(kept: dict[str, T], session_id: str, value: T) -> None:
    kept.pop(session_id, None)
    kept[session_id] = value
    while len(kept) > MOST_REMEMBERED:
        del kept[next(iter(kept))]
