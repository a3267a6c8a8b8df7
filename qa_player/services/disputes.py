"""Disputes by file: questions of a scorecard are contested, somebody decides of each, and what was decided makes a new
scorecard while the old one stays.

A packet is not signed. Who applies it answers for what was decided: the new card is theirs, and they see every decision
with the name that it was given under. That nothing else was changed on the way (card, questions, reasons) is proved
against what was kept here when the dispute was opened.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player import __version__
from qa_player.errors import ConflictError, NotFoundError, QaPlayerError, UsageError
from qa_player.files import storage_errors
from qa_player.model.annotation import Span
from qa_player.model.calibration import packet_session
from qa_player.model.connection import Connection
from qa_player.model.dispute import Contested, Decided, Decision, Dispute, quoted, settled
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Scorecard, counting
from qa_player.model.scoring import missing, refusal, result_of
from qa_player.model.wording import listed
from qa_player.services.audited_file import Act, AuditedFile, write_audited
from qa_player.services.connections import Connections
from qa_player.services.deciding import ruling_of
from qa_player.services.library import Library, OpenSession
from qa_player.services.packet_places import Place, place_here
from qa_player.services.score_book import Step, keep, progress
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Disputes:
    """Opened and applied in the home that keeps the scorecard, answered in any. ``changed(connection, session id)``
    after the review of a session is disputed, or is no more."""

    def __init__(self, *, database: Database, connections: Connections, library: Library, trail: Trail) -> None:
        self.changed: Signal[str, str] = Signal()
        self._database = database
        self._connections = connections
        self._library = library
        self._trail = trail

    async def open(
        self,
        connection: str,
        session_id: str,
        reasons: Sequence[tuple[str, str]],
        *,
        evidence: Mapping[str, Sequence[Span]] | None = None,
        scorecard_id: str | None = None,
        path: Path,
    ) -> AuditedFile:
        """Write a packet that contests questions, each with its reason, of a submitted scorecard: the one named, or the
        only one that counts. It takes the place of an earlier dispute over the card that was not applied. ``evidence``
        is by question what whoever contests it rests on.

        Raises NotFoundError, UsageError, the provider's errors, StorageError.
        """
        from qa_player.formats.dispute_file import write_dispute

        card = await self._card(connection, session_id, scorecard_id)
        rests_on = {} if evidence is None else evidence
        contested = tuple(
            _contested(card, question_id, text, tuple(rests_on.get(question_id, ()))) for question_id, text in reasons
        )
        if len({one.question_id for one in contested}) < len(contested) or not contested:
            raise UsageError("Each contested question is named once, with its reason.", "Name questions and reasons.")
        dispute = await self._packet(card, contested)
        try:
            return await write_audited(
                path,
                write_dispute(dispute),
                [self._act("dispute.opened", dispute, {"questions": [one.question_id for one in contested]})],
                database=self._database,
                trail=self._trail,
                effect=lambda transaction: self._begin(transaction, dispute),
            )
        except QaPlayerError:
            await self._database.write(lambda transaction: self._withdraw(transaction, dispute))
            raise
        finally:
            self.changed.emit(*dispute.session.place)

    async def _packet(self, card: Scorecard, contested: tuple[Contested, ...]) -> Dispute:
        """With the turns under all evidence, as they are placed now."""
        opened = await self._opened(await self._connections.named(card.connection), card.session_id)
        spans = [span for one in contested for span in (*card.answer(one.question_id).spans, *one.spans)]
        return Dispute(
            dispute_id=uuid.uuid4().hex,
            tool=f"QA Player {__version__}",
            opened_at=self._trail.now(),
            opened_by=self._trail.actor.shown,
            session=packet_session(
                opened.detail.session,
                quoted(opened.turns, spans),
                digest=opened.detail.transcript_digest,
                duration_ms=opened.recording_ms or opened.detail.session.duration_ms,
            ),
            scorecard=card,
            contested=contested,
        )

    async def read(self, path: Path) -> Dispute:
        """The dispute of a file. Raises UsageError, IntegrityError, StorageError."""
        from qa_player.formats.dispute_file import read_dispute

        def read() -> Dispute:
            with storage_errors():
                return read_dispute(path.read_bytes())

        return await asyncio.to_thread(read)

    async def place_of(self, dispute: Dispute) -> Place | None:
        """Where the disputed session is kept here; null where it is not."""
        return await self._database.read(lambda transaction: place_here(transaction, dispute.session))

    async def opened_here(self, dispute: Dispute) -> bool:
        """Whether this home opened it, so that it can be applied here."""
        from qa_player.store import disputes

        kept = await self._database.read(lambda transaction: disputes.named(transaction, dispute.dispute_id))
        return kept is not None

    async def answer(
        self, dispute: Dispute, question_id: str, decision: Decision, *, named: str | None, text: str, path: Path
    ) -> AuditedFile:
        """Write the packet again with what is decided of one question. Raises UsageError, StorageError."""
        decided = [Decided(question_id, decision, named, text)]
        return await self.save(self.decide(dispute, decided), decided, path=path)

    def decide(self, dispute: Dispute, decided: Sequence[Decided]) -> Dispute:
        """The dispute under what is decided now; nothing is written yet. Raises UsageError."""
        for one in decided:
            dispute = dispute.ruled(one.question_id, ruling_of(dispute, one, self._trail))
        return dispute

    async def save(self, dispute: Dispute, decided: Sequence[Decided], *, path: Path) -> AuditedFile:
        """Write the packet with what it holds; ``decided`` is what this person decided of it. Raises UsageError,
        StorageError."""
        from qa_player.formats.dispute_file import write_dispute

        acts = [
            self._act(
                "dispute.answered",
                dispute,
                {"question": one.question_id, "decision": one.decision.value},
                proved=False,
            )
            for one in decided
        ]
        return await write_audited(path, write_dispute(dispute), acts, database=self._database, trail=self._trail)

    async def apply(self, dispute: Dispute) -> Scorecard | None:
        """Let what was decided stand: the new scorecard, null where everything was rejected.

        Raises UsageError while a question is open or where the card would not be whole, ConflictError when the card or
        the dispute is not what it was.
        """
        card = await self._database.write(lambda transaction: self._apply(transaction, dispute))
        self.changed.emit(*dispute.session.place)
        return card

    def _apply(self, transaction: Transaction, dispute: Dispute) -> Scorecard | None:
        from qa_player.store import disputes, scorecards

        kept = disputes.named(transaction, dispute.dispute_id)
        if kept is None:
            raise UsageError("This dispute was opened elsewhere.", "Apply it where it was opened.")
        if kept.settled_at is not None:
            raise ConflictError("This dispute is settled already.", "Open another one.")
        if kept != dispute.as_opened:
            raise ConflictError("This packet contests something else than what was opened here.", "Ask for it again.")
        if dispute.open_questions:
            named = listed([one.question_id for one in dispute.open_questions])
            raise UsageError(f"Nothing is decided yet of {named}.", "Decide of every question first.")
        cards = scorecards.of_session(transaction, *dispute.session.place)
        if dispute.scorecard not in cards:
            raise ConflictError("The scorecard was changed since the dispute was opened.", "Open another one.")
        card = self._under(dispute)
        state = ReviewState.DONE
        if card is not None:
            keep(transaction, self._trail, Step("scorecard.replaced", None, card, state))
        else:
            progress(transaction, self._trail, *dispute.session.place, state, result=dispute.scorecard.result)
        outcome = None if card is None else card.scorecard_id
        decided: dict[str, JsonValue] = {
            one.question_id: one.ruling.decision.value for one in dispute.contested if one.ruling is not None
        }
        self._settle(transaction, dispute, outcome, {"decisions": decided, "outcome": outcome})
        return card

    def _under(self, dispute: Dispute) -> Scorecard | None:
        """The card as it is under what was decided; null where nothing changes."""
        old = dispute.scorecard
        answers = dispute.answers()
        if all(one == old.answer(one.question_id) for one in answers.values()):
            return None
        for one in answers.values():
            why = refusal(old.form, one, None)
            if why is not None:
                raise UsageError(why, "Decide otherwise of this question.")
        lacking = missing(old.form, answers)
        if lacking:
            question, why = lacking[0]
            raise UsageError(f"“{question.title}”: {why}", "Decide otherwise, or reopen the scorecard in the window.")
        now = self._trail.now()
        ordered = (answers.get(one.question_id) for one in old.form.questions())
        return old.model_copy(
            update={
                "scorecard_id": uuid.uuid4().hex,
                "author": self._trail.actor.shown,
                "created_at": now,
                "updated_at": now,
                "submitted_at": now,
                "revision": 1,
                "answers": tuple(one for one in ordered if one is not None),
                "result": result_of(old.form, answers),
                "replaces": old.scorecard_id,
            }
        )

    def _begin(self, transaction: Transaction, dispute: Dispute) -> None:
        from qa_player.store import disputes

        for earlier in disputes.unsettled(transaction, dispute.scorecard.scorecard_id):
            self._settle(transaction, earlier, None, {"replaced_by": dispute.dispute_id})
        disputes.save(transaction, dispute)
        place = dispute.session.place
        progress(transaction, self._trail, *place, ReviewState.DISPUTED, result=dispute.scorecard.result)

    def _withdraw(self, transaction: Transaction, dispute: Dispute) -> None:
        """Nobody can decide of a dispute that has no file: the scorecard stands."""
        from qa_player.store import disputes

        if disputes.named(transaction, dispute.dispute_id) is not None:
            place, result = dispute.session.place, dispute.scorecard.result
            progress(transaction, self._trail, *place, ReviewState.DONE, result=result)
            self._settle(transaction, dispute, None, {"written": False})

    def _settle(
        self, transaction: Transaction, dispute: Dispute, outcome: str | None, detail: dict[str, JsonValue]
    ) -> None:
        from qa_player.store import disputes

        done = settled(dispute, now=self._trail.now(), outcome=outcome)
        disputes.save(transaction, done)
        act = self._act("dispute.settled", done, detail)
        self._trail.append(
            transaction,
            act.action,
            connection=act.connection,
            session_id=act.session_id,
            subject=act.subject,
            detail=act.detail,
            content=act.content,
        )

    def _act(self, action: str, dispute: Dispute, detail: dict[str, JsonValue], *, proved: bool = True) -> Act:
        from qa_player.store import disputes

        told: dict[str, JsonValue] = {"scorecard": dispute.scorecard.scorecard_id}
        content = disputes.evidence(dispute) if proved else None
        return Act(action, dispute.dispute_id, *dispute.session.place, detail | told, content)

    async def _card(self, connection: str, session_id: str, scorecard_id: str | None) -> Scorecard:
        from qa_player.store import scorecards

        cards = await self._database.read(
            lambda transaction: scorecards.of_session(transaction, connection, session_id)
        )
        found = [one for one in counting(cards) if scorecard_id in (None, one.scorecard_id)]
        if not found:
            raise NotFoundError("There is no such submitted scorecard.", "See `qa-player score CONNECTION SESSION`.")
        if len(found) > 1:
            raise UsageError("This session has several scorecards.", "Name one with --scorecard.")
        return found[0]

    async def _opened(self, connection: Connection, session_id: str) -> OpenSession:
        return await self._library.placed(connection, await self._library.detail(connection.name, session_id))


def _contested(card: Scorecard, question_id: str, text: str, spans: tuple[Span, ...]) -> Contested:
    question = card.form.question(question_id)
    if question is None:
        raise UsageError(f"The form has no question {question_id[:100]}.", "See `qa-player forms show`.")
    if not text.strip():
        raise UsageError(f"“{question.title}”: a dispute needs its reason.", "Say why it is contested.")
    return Contested(question_id=question_id, text=text, spans=spans)
