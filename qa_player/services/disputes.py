"""Disputes by file: questions of a scorecard are contested, somebody decides of each, and what was decided makes a new
scorecard while the old one stays.

A packet is not signed. Who applies it answers for what was decided: the new card is theirs, and they see every decision
with the name that it was given under. That nothing else was changed on the way (card, questions, reasons) is proved
against what was kept here when the dispute was opened.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player import __version__
from qa_player.errors import ConflictError, NotFoundError, UsageError
from qa_player.model.calibration import packet_session
from qa_player.model.connection import Connection
from qa_player.model.dispute import Contested, Decision, Dispute, Ruling, answer_named, quoted, settled
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Scorecard
from qa_player.model.scoring import missing, refusal, result_of
from qa_player.model.wording import listed
from qa_player.services.audited_file import Act, AuditedFile, write_audited
from qa_player.services.connections import Connections
from qa_player.services.library import Library, OpenSession
from qa_player.services.score_book import Step, keep, progress
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Disputes:
    """Opened and applied in the home that keeps the scorecard, answered in any."""

    def __init__(self, *, database: Database, connections: Connections, library: Library, trail: Trail) -> None:
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
        scorecard_id: str | None = None,
        path: Path,
    ) -> AuditedFile:
        """Write a packet that contests questions, each with its reason, of a submitted scorecard: the one named, or the
        only one that counts. It takes the place of an earlier dispute over the card that was not applied.

        Raises NotFoundError, UsageError, the provider's errors, StorageError.
        """
        from qa_player.formats.dispute_file import write_dispute

        card = await self._card(connection, session_id, scorecard_id)
        contested = tuple(_contested(card, question_id, text) for question_id, text in reasons)
        if len({one.question_id for one in contested}) < len(contested) or not contested:
            raise UsageError("Each contested question is named once, with its reason.", "Name questions and reasons.")
        opened = await self._opened(await self._connections.named(connection), session_id)
        spans = [span for one in contested for span in card.answer(one.question_id).spans]
        dispute = Dispute(
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
        return await write_audited(
            path,
            write_dispute(dispute),
            [self._act("dispute.opened", dispute, {"questions": [one.question_id for one in contested]})],
            database=self._database,
            trail=self._trail,
            effect=lambda transaction: self._begin(transaction, dispute),
        )

    async def answer(
        self, dispute: Dispute, question_id: str, decision: Decision, *, named: str | None, text: str, path: Path
    ) -> AuditedFile:
        """Write the packet again with what is decided of one question; ``named`` is the answer that stands from now on,
        null for a rejection. Raises UsageError, StorageError."""
        from qa_player.formats.dispute_file import write_dispute

        question = dispute.scorecard.form.question(question_id)
        if question is None or all(one.question_id != question_id for one in dispute.contested):
            raise UsageError("This question is not contested.", "See `qa-player dispute show FILE`.")
        if not text.strip():
            raise UsageError("A decision needs its reason.", "Say why with --text.")
        if (named is None) != (decision is Decision.REJECT):
            raise UsageError(
                "What is accepted, wholly or partly, changes the answer; what is rejected does not.",
                "Give --answer with accept and partly, and leave it out with reject.",
            )
        answer = None
        if named is not None:
            before = dispute.scorecard.answer(question_id)
            answer = answer_named(question, before, named)
            if answer is None:
                raise UsageError(f"“{question.title}” has no such answer.", "See `qa-player forms show`.")
            if answer == before:
                raise UsageError("This is the answer that is contested.", "Give another one, or reject.")
        ruling = Ruling(
            decision=decision,
            answer=answer,
            text=text,
            decided_by=self._trail.actor.shown,
            decided_at=self._trail.now(),
        )
        ruled = dispute.ruled(question_id, ruling)
        act = self._act("dispute.answered", ruled, {"question": question_id, "decision": decision.value}, proved=False)
        return await write_audited(path, write_dispute(ruled), [act], database=self._database, trail=self._trail)

    async def apply(self, dispute: Dispute) -> Scorecard | None:
        """Let what was decided stand: the new scorecard, null where everything was rejected.

        Raises UsageError while a question is open or where the card would not be whole, ConflictError when the card or
        the dispute is not what it was.
        """
        return await self._database.write(lambda transaction: self._apply(transaction, dispute))

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
            raise UsageError(f"Nothing is decided yet of {named}.", "Answer it with `qa-player dispute answer`.")
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
        replaced = {one.replaces for one in cards}
        count = [one for one in cards if one.submitted_at is not None and one.scorecard_id not in replaced]
        found = [one for one in count if scorecard_id in (None, one.scorecard_id)]
        if not found:
            raise NotFoundError("There is no such submitted scorecard.", "See `qa-player score CONNECTION SESSION`.")
        if len(found) > 1:
            raise UsageError("This session has several scorecards.", "Name one with --scorecard.")
        return found[0]

    async def _opened(self, connection: Connection, session_id: str) -> OpenSession:
        return await self._library.placed(connection, await self._library.detail(connection.name, session_id))


def _contested(card: Scorecard, question_id: str, text: str) -> Contested:
    if card.form.question(question_id) is None:
        raise UsageError(f"The form has no question {question_id[:100]}.", "See `qa-player forms show`.")
    if not text.strip():
        raise UsageError("A dispute needs its reason.", "Say why with --text.")
    return Contested(question_id=question_id, text=text)
