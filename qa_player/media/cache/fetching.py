"""The fetch of one recording: what to ask for next, and what to do when an answer is not what it should be.

A round goes on until everything is held and certified, or patience ends.
"""

from __future__ import annotations

import contextlib
from typing import Protocol

from qa_player.errors import (
    AddressExpiredError,
    IntegrityError,
    NetworkError,
    QuotaError,
    UnexpectedAnswerError,
)
from qa_player.media.cache.confirming import confirm_bytes, confirm_length
from qa_player.media.cache.holdings import Holdings
from qa_player.media.cache.judging import Identity, Ruling, broke_off, disagreement, judge, no_sound, strong
from qa_player.media.cache.patience import Attempts, Clock, Patience, Setback
from qa_player.media.cache.planning import Plan, misses, next_plan
from qa_player.media.cache.receiving import InThread, Jumped, Receiver, Replaced, Stream, first_bytes
from qa_player.media.cache.renewal import Renewal
from qa_player.media.container.structure import Completeness, completeness
from qa_player.media.source import Answer, RecordingSource

_GENERATIONS = 4
"""How often a recording may be replaced in one round before we stop following."""


class Keeper(Protocol):
    """Where a fetch puts down what it has; the cached recording fits it."""

    def touched(self) -> None: ...
    async def keep(self) -> None: ...
    async def begin_again(self, identity: Identity) -> None: ...
    async def certify(self) -> None: ...
    async def label_unstated(self) -> None: ...


class Fetch:
    """Rounds of fetching over one source. Used on the loop only; ``wake`` is also called for threads by its owner."""

    def __init__(
        self,
        holdings: Holdings,
        source: RecordingSource,
        keeper: Keeper,
        *,
        in_thread: InThread,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._holdings = holdings
        self._source = source
        self._keeper = keeper
        self._in_thread = in_thread
        self._clock = clock
        self._patience = patience
        self._renewal = Renewal(source, clock)
        self._attempts = Attempts(clock, patience)
        self._stream: Stream | None = None
        self._plan: Plan | None = None
        self._position = 0
        self._ranges = True
        self._claim: tuple[str | None, int | None] | None = None
        self._confirmed = False
        self._generations = 0
        self.unstated = False  # whether the length is only where the body ended
        self.confirm = False  # whether an unstated length may be confirmed by fetching everything again

    async def round(self) -> None:
        """Fetch until everything is held and certified. Raises QaPlayerError when no more can be done for now."""
        self._attempts = Attempts(self._clock, self._patience)
        self._generations = 0
        while not await self._step():
            pass

    async def aclose(self) -> None:
        """Stop what goes on in the background."""
        await self._renewal.aclose()

    def look(self) -> None:
        """Somebody began to wait: leave the present answer if it will not bring that byte soon."""
        if self._stream is None or self._plan is None or not self._may_jump():
            return
        if misses(self._holdings, self._plan, position=self._position):
            self._stream.interrupt()

    async def _step(self) -> bool:
        try:
            await self._settle_tails()
            self._plan = plan = next_plan(self._holdings, position=self._position, jumps=self._may_jump())
            if plan is None:
                return await self._finish()
            await self._ask(plan)
        except Jumped:
            pass
        except Replaced:
            await self._begin_again(Identity())
        except Setback as setback:
            await self._recover(setback)
        finally:
            self._stream = None
        return False

    def _may_jump(self) -> bool:
        return self._ranges and self._holdings.total is not None and self._holdings.at(0) is not None

    async def _settle_tails(self) -> None:
        """Write chunks that are whole in memory: a full disk, or a length learnt late, left them there."""
        receiver = Receiver(self._holdings, self._in_thread, position=0, proven=True)
        for number, tail in tuple(self._holdings.tails.items()):
            if len(tail) >= self._holdings.length_of(number) > 0:
                await receiver.flush(number)

    async def _ask(self, plan: Plan) -> None:
        holdings = self._holdings
        if self._renewal.due():
            await self._renew()
        self._position = plan.start
        self._stream = stream = Stream(self._clock, self._patience)
        answer = await stream.answer(self._source.read(plan.start, plan.end, holdings.identity.etag))
        try:
            ruling = judge(answer, start=plan.start, known=holdings.identity)
            if ruling is Ruling.END:
                if plan.start == 0:
                    raise no_sound(b"", first_hand=answer.first_hand)
                if holdings.at(plan.start) is not None:
                    raise Replaced  # it ends before what is held of it
                holdings.learn(Identity(holdings.identity.etag, plan.start))
                return
            await self._receive(plan, answer, stream, whole=ruling is Ruling.WHOLE)
        finally:
            with contextlib.suppress(NetworkError):
                await answer.aclose()

    async def _receive(self, plan: Plan, answer: Answer, stream: Stream, *, whole: bool) -> None:
        holdings = self._holdings
        position = 0 if whole else plan.start
        async with contextlib.aclosing(stream.pieces(answer.chunks)) as pieces:
            head = b""
            if position == 0:
                head = await first_bytes(pieces, first_hand=answer.first_hand)
            if whole:
                await self._accept_whole(answer)
                self._ranges = self._ranges and plan.start == 0
            else:
                self._ranges = True
            proven = self._accept(answer)
            receiver = Receiver(holdings, self._in_thread, position=position, proven=proven)
            await self._take(receiver, head)
            async for piece in pieces:
                await self._take(receiver, piece)
                if not whole and plan.end is not None and receiver.position > plan.end:
                    return
        end = holdings.total if whole or plan.end is None else plan.end
        if end is None:
            await self._end_unstated(receiver.position)
        elif receiver.position < end:
            raise broke_off()

    async def _take(self, receiver: Receiver, piece: bytes) -> None:
        gained = await receiver.take(piece)
        self._position = receiver.position
        if gained:
            self._attempts.gained(gained)
            self._keeper.touched()
            await self._keeper.keep()
        self._renewal.soon()
        self.look()

    async def _accept_whole(self, answer: Answer) -> None:
        """A 200 that begins like sound: it is the recording we know, or the one that took its place."""
        known, etag = self._holdings.identity, strong(answer.etag)
        if None not in (etag, known.etag) and etag != known.etag:
            await self._begin_again(Identity(etag, answer.total))
        elif None not in (answer.total, known.total) and answer.total != known.total:
            if etag is not None and etag == known.etag:
                raise Setback(disagreement(), identity=(etag, answer.total))
            await self._begin_again(Identity(etag, answer.total))

    def _accept(self, answer: Answer) -> bool:
        """Learn what the answer states; whether a validator ties it to what is held."""
        holdings, etag = self._holdings, strong(answer.etag)
        known = holdings.identity
        empty = not holdings.held_bytes
        self._claim = None
        holdings.learn(Identity(etag if empty else known.etag, known.total if answer.total is None else answer.total))
        holdings.mime = answer.mime or holdings.mime
        self._keeper.touched()
        return etag is not None and etag == holdings.identity.etag

    async def _end_unstated(self, position: int) -> None:
        """A body ended and nobody had said how long it would be: ask the container."""
        holdings = self._holdings
        verdict = await self._in_thread(lambda: completeness(holdings.read_at, position))
        if verdict is Completeness.INCOMPLETE:
            raise broke_off()
        self.unstated = verdict is Completeness.UNKNOWN
        holdings.learn(Identity(holdings.identity.etag, position))

    async def _finish(self) -> bool:
        holdings = self._holdings
        if not holdings.complete:
            return False
        self._stream = stream = Stream(self._clock, self._patience)
        if self.unstated:
            if not self.confirm:
                await self._keeper.label_unstated()
                return True
            await confirm_bytes(self._source, stream, holdings, self._in_thread)
            self.unstated, self._confirmed = False, True
        try:
            verdict = await self._in_thread(lambda: completeness(holdings.read_at, holdings.total or 0))
            if verdict is not Completeness.COMPLETE and not self._confirmed:
                self._confirmed = await confirm_length(self._source, stream, holdings.identity)
                if not self._confirmed:
                    self.unstated = True
                    return False
            await self._keeper.certify()
        except IntegrityError as error:
            if holdings.complete:
                raise
            raise Setback(error) from error  # a damaged chunk was dropped and is fetched again
        return True

    async def _begin_again(self, identity: Identity) -> None:
        self._count_generation()
        self._claim, self._confirmed, self.unstated, self._position = None, False, False, 0
        await self._keeper.begin_again(identity)

    def _count_generation(self) -> None:
        self._generations += 1
        if self._generations >= _GENERATIONS:
            raise UnexpectedAnswerError(
                "The recording changes while it is fetched.", "Wait until the provider has finished it, then try again."
            )

    async def _recover(self, setback: Setback) -> None:
        wait = self._attempts.failed(setback)
        if setback.identity is not None:
            if setback.identity == self._claim:
                await self._concede(*setback.identity)
                return
            self._claim = setback.identity
        if wait:
            await self._rest(wait, asked=setback.pause_s is not None)
        if setback.renew or self._attempts.broken_in_a_row >= 2:
            await self._renew()

    async def _rest(self, seconds: float, *, asked: bool) -> None:
        """Wait; that a provider ``asked`` for it is told, so that nobody takes us for stuck."""
        if not asked:
            await self._clock.sleep(seconds)
            return
        self._holdings.resumes_at = self._clock.now() + seconds
        self._keeper.touched()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._holdings.resumes_at = None
            self._keeper.touched()

    async def _concede(self, etag: str | None, total: int | None) -> None:
        """Two answers in a row contradict us in the same way: believe them."""
        self._claim = None
        if etag is not None and etag == self._holdings.identity.etag:
            self._count_generation()
            self._holdings.learn(Identity(etag, total))
        else:
            await self._begin_again(Identity())

    async def _renew(self) -> None:
        while True:
            try:
                await self._renewal.now()
            except (AddressExpiredError, QuotaError):
                raise
            except NetworkError as error:
                await self._clock.sleep(self._attempts.failed(Setback(error)))
            else:
                return
