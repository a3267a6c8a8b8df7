"""Holding a note against the conversation: statements, their evidence, and what a person says of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.canonical import sha256
from qa_player.errors import UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.model.note import KeptNote
from qa_player.model.review_state import ReviewState
from qa_player.model.statement import (
    Attestation,
    Linked,
    Statement,
    Unmentioned,
    Verdict,
    VerdictWord,
    statements_of,
    turn_subject,
)
from qa_player.model.transcript import Turn
from qa_player.services.trail import Trail
from qa_player.services.verification.corrected import attestation_text, corrected_text
from qa_player.services.verification.progress import bring_on
from qa_player.services.verification.steps import JudgedStep, Steps, said_in
from qa_player.services.verification.undecided import undecided
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

LONGEST = 20_000
OF_TURNS = frozenset({VerdictWord.ADDED, VerdictWord.NOT_NEEDED})


@dataclass(frozen=True)
class Checked:
    """A note beside its conversation. ``linked`` the most doubtful first; ``unmentioned`` what weighs most first."""

    kept: KeptNote
    turns: tuple[Turn, ...]
    statements: tuple[Statement, ...]
    linked: tuple[Linked, ...]
    unmentioned: tuple[Unmentioned, ...]


class Verification:
    """``changed`` after every judgement that was saved, and when another note is loaded; ``saved`` tells the moment of
    a commit, after it; ``progressed`` that the review of a session (connection, id) may be in another state.

    Judgements belong to the note with that digest; another note of the same session begins anew.
    """

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self.changed: Signal[()] = Signal()
        self.saved: Signal[datetime] = Signal()
        self.progressed: Signal[str, str] = Signal()
        self._database = database
        self._trail = trail
        self._checked: Checked | None = None
        self._verdicts: dict[str, Verdict] = {}
        self._steps = Steps()
        self._one_at_a_time = asyncio.Lock()
        self.attestation: Attestation | None = None

    @property
    def checked(self) -> Checked | None:
        """The note that is worked on, null while there is none."""
        return self._checked

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """What was judged so far, by subject."""
        return self._verdicts

    @property
    def undecided(self) -> int:
        """How many doubtful statements nobody has decided."""
        return 0 if self._checked is None else undecided(self._checked.linked, self._verdicts)

    async def check(self, kept: KeptNote, turns: tuple[Turn, ...]) -> Checked:
        """Cut a note into statements and find where each may have been said, in a thread; judges nothing."""
        return await asyncio.to_thread(_checked, kept, turns)

    async def load(self, kept: KeptNote, turns: tuple[Turn, ...]) -> Checked:
        """Work on this note from now on, with what was judged of it before."""
        from qa_player.store import notes

        checked = await self.check(kept, turns)
        place = kept.connection, kept.note.session_id, kept.note.digest
        verdicts, attestation = await self._database.read(lambda transaction: notes.judged(transaction, *place))
        self._checked, self._verdicts, self.attestation, self._steps = checked, verdicts, attestation, Steps()
        self.changed.emit()
        return checked

    def close(self) -> None:
        """No note is worked on."""
        self._checked, self._verdicts, self.attestation, self._steps = None, {}, None, Steps()
        self.changed.emit()

    async def judge(self, statement: Statement, word: VerdictWord | None) -> None:
        """Say that a statement is supported, partly, contradicted, or not in the conversation; null takes it back."""
        if word in OF_TURNS:
            raise UsageError("That is said of turns.", "Say supported, partly, contradicted or not said.")
        await self._change(statement.subject, {"word": word})

    async def amend(self, statement: Statement, text: str) -> None:
        """Put other words in the place of a statement's; its own words, or none, take that back. Raises UsageError."""
        words = " ".join(text.split())
        if len(words) > LONGEST:
            raise UsageError("That is longer than a statement.", "Say it in fewer words.")
        await self._change(statement.subject, {"amended": words if words not in ("", statement.text) else None})

    async def strike(self, statement: Statement, *, struck: bool) -> None:
        """Take a statement out of the corrected note, or put it back."""
        await self._change(statement.subject, {"struck": struck})

    async def settle(self, turn_index: int, word: VerdictWord | None, text: str = "") -> None:
        """Say of a turn that stands in no statement that it is added (as ``text``, else as it was said), or not needed.

        Null takes it back. Raises UsageError for words that nothing is added in."""
        if word is not None and word not in OF_TURNS:
            raise UsageError("That is said of statements.", "Say that it is added or not needed.")
        words = " ".join(text.split())
        if len(words) > LONGEST:
            raise UsageError("That is longer than a statement.", "Say it in fewer words.")
        said = next((turn.text for turn in self._opened().turns if turn.index == turn_index), None)
        own = None if word is not VerdictWord.ADDED or words in ("", said) else words
        await self._change(turn_subject(turn_index), {"word": word, "amended": own})

    @property
    def next_undo(self) -> int:
        """The number of the step that undo takes back, 0 where there is none."""
        return self._steps.done[-1].number if self._steps.done else 0

    @property
    def next_redo(self) -> int:
        """The number of the step that redo makes again, 0 where there is none."""
        return self._steps.undone[-1].number if self._steps.undone else 0

    async def undo(self) -> None:
        """Take the last judgement, amendment or strike back; nothing to undo is no error."""
        await self._stepped(self._steps, back=True)

    async def redo(self) -> None:
        """Make the last one that was undone again."""
        await self._stepped(self._steps, back=False)

    def corrected(self) -> str:
        """The corrected note as plain text, with the attestation where there is one. Raises UsageError."""
        checked = self._opened()
        text = corrected_text(checked.kept.note, checked.statements, self._verdicts, checked.turns)
        return text if self.attestation is None else f"{text}\n\n{self.attestation.text}"

    async def attest(self) -> Attestation:
        """Sign what was compared, as it is now; a later judgement takes the signature away. Raises UsageError."""
        checked = self._opened()
        if not any(verdict.word for verdict in self._verdicts.values()):
            raise UsageError("Nothing was judged yet.", "Say of at least one statement what the conversation says.")
        at, author = self._trail.now(), self._trail.actor.shown
        words = attestation_text(checked.linked, self._verdicts, name=author, at=at)
        text = corrected_text(checked.kept.note, checked.statements, self._verdicts, checked.turns)
        attestation = Attestation(text=words, author=author, at=at)

        def write(transaction: Transaction) -> None:
            from qa_player.store import notes

            notes.attest(transaction, checked.kept, attestation)
            detail = {"corrected_sha256": sha256(text.encode())}
            self._tell(transaction, "note.attested", detail, content=words.encode(), checked=checked)
            bring_on(transaction, self._trail, checked.kept, ReviewState.DONE)

        async with self._one_at_a_time:
            await self._database.write(write)
            self.attestation = attestation
        self._told_saved(checked)
        self.changed.emit()
        return attestation

    async def hand_on(self, how: str) -> str:
        """The corrected note to be copied or written (``how``), that act recorded first. Raises UsageError."""
        text = self.corrected()
        detail = {"how": how, "sha256": sha256(text.encode()), "attested": self.attestation is not None}
        await self._database.write(lambda transaction: self._tell(transaction, "note.handed_on", detail))
        return text

    async def write(self, path: Path) -> None:
        """The corrected note into a file, whole or not at all. Raises UsageError, StorageError."""
        await asyncio.to_thread(place_to_write, path)
        text = await self.hand_on("written")
        await asyncio.to_thread(write_whole, path, f"{text}\n".encode())

    async def _change(self, subject: str, fields: dict[str, object]) -> None:
        checked, steps = self._opened(), self._steps

        async def work() -> None:
            before = self._verdicts.get(subject)
            steps.add(JudgedStep(before, await self._become(checked, subject, fields, "note.judged")))

        await self._to_its_end(checked, work)

    async def _stepped(self, steps: Steps, *, back: bool) -> None:
        checked = self._checked
        here, there = (steps.done, steps.undone) if back else (steps.undone, steps.done)
        if checked is None or not here:
            return

        async def work() -> None:
            if here and self._steps is steps:
                wanted = said_in(here[-1].before if back else here[-1].after)
                action = "note.undone" if back else "note.redone"
                await self._become(checked, here[-1].after.subject, wanted, action)
                there.append(here.pop())

        await self._to_its_end(checked, work)

    async def _to_its_end(self, checked: Checked, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` alone, whoever is cancelled meanwhile, and tell that it is saved."""

        async def alone() -> None:
            async with self._one_at_a_time:
                await work()
            self._told_saved(checked)
            self.changed.emit()

        await asyncio.shield(alone())

    async def _become(self, checked: Checked, subject: str, fields: Mapping[str, object], action: str) -> Verdict:
        """Save what is said of a subject with its event."""
        before = self._verdicts.get(subject)
        told = {} if before is None else before.model_dump()
        told |= {"subject": subject, "revision": before.revision + 1 if before else 1}
        told |= {"author": self._trail.actor.shown, "updated_at": self._trail.now()} | dict(fields)
        after = Verdict.model_validate(told)
        await self._database.write(lambda transaction: self._write(transaction, checked, after, action))
        if self._checked is checked:
            self._verdicts = {**self._verdicts, subject: after}
            self.attestation = None
        return after

    def _told_saved(self, checked: Checked) -> None:
        self.saved.emit(self._trail.now())
        self.progressed.emit(checked.kept.connection, checked.kept.note.session_id)

    def _write(self, transaction: Transaction, checked: Checked, verdict: Verdict, action: str) -> None:
        from qa_player.store import notes

        notes.judge(transaction, checked.kept, verdict)
        detail = {
            "subject": verdict.subject,
            "verdict": None if verdict.word is None else verdict.word.value,
            "amended": verdict.amended is not None,
            "struck": verdict.struck,
            "revision": verdict.revision,
        }
        self._tell(transaction, action, detail, content=notes.evidence(verdict), checked=checked)
        bring_on(transaction, self._trail, checked.kept, ReviewState.IN_REVIEW)

    def _tell(
        self,
        transaction: Transaction,
        action: str,
        detail: Mapping[str, object],
        *,
        content: bytes | None = None,
        checked: Checked | None = None,
    ) -> None:
        note = (checked or self._opened()).kept
        self._trail.append(
            transaction,
            action,
            connection=note.connection,
            session_id=note.note.session_id,
            subject=note.note.digest,
            detail=dict(detail),  # type: ignore[arg-type]
            content=content,
        )

    def _opened(self) -> Checked:
        if self._checked is None:
            raise UsageError("No note is open.", "Open a session that has a note.")
        return self._checked


def _checked(kept: KeptNote, turns: tuple[Turn, ...]) -> Checked:
    from qa_player.services.verification.linking import link, unmentioned

    statements = statements_of(kept.note)
    return Checked(kept, turns, statements, link(statements, turns), unmentioned(statements, turns))
