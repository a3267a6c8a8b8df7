"""Files that hold many sessions: what can be handed on of them, and how the piece of one session is written.

A piece depends on nothing but its session: the same sessions in the same order are the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from qa_player.errors import UsageError
from qa_player.formats import csv_table, json_lines
from qa_player.formats.annotation_row import COLUMNS, annotation_rows
from qa_player.formats.plain_text import moment, paragraphs, plain
from qa_player.formats.score_row import COLUMNS as SCORE_COLUMNS
from qa_player.formats.score_row import score_rows
from qa_player.formats.scorecard_object import in_percent, scorecard_object
from qa_player.formats.session_object import instant_text
from qa_player.formats.tiers import label_of
from qa_player.formats.transcript_row import COLUMNS as TURN_COLUMNS
from qa_player.formats.transcript_row import transcript_rows
from qa_player.model.annotation import Annotation
from qa_player.model.correction import corrected_texts
from qa_player.model.handed_on import What
from qa_player.model.scorecard import Scorecard
from qa_player.model.session import Session
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn


class Spelled(Protocol):
    """Annotations as the lines of `jsonl`, ended; and how many they are."""

    @property
    def lines(self) -> bytes: ...

    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Piece:
    """What there is of one session; ``turns`` are placed under ``timing``. One that is no longer listed has only what a
    person made of it."""

    session_id: str
    session: Session | None = None
    turns: tuple[Turn, ...] = ()
    transcript_digest: str = ""
    timing: Timing | None = None
    annotations: tuple[Annotation, ...] = ()
    scorecards: tuple[Scorecard, ...] = ()
    spelled: Spelled | None = None
    """In place of ``annotations``, where they lay at hand as `jsonl` has them."""

    def count(self, what: What) -> int:
        """How many of ``what`` it has."""
        if what is What.ANNOTATIONS and self.spelled is not None:
            return self.spelled.count
        parts = {What.TRANSCRIPTS: self.turns, What.ANNOTATIONS: self.annotations, What.SCORES: self.scorecards}
        return len(parts[what])


@dataclass(frozen=True)
class ManyFormat:
    """``head`` stands once at the beginning; ``write`` gives the bytes of one session, none where it has nothing."""

    what: What
    name: str
    write: Callable[[Piece], bytes]
    head: bytes = b""


def _turn_lines(piece: Piece) -> bytes:
    return json_lines.flat_lines(_turns(piece))


def _turn_cells(piece: Piece) -> bytes:
    return csv_table.lines(row.values() for row in _turns(piece))


def _conversation(piece: Piece) -> bytes:
    session, timing = piece.session, piece.timing
    if not piece.turns or session is None or timing is None:
        return b""
    about = [
        f"started: {instant_text(session.started_at) or '?'}",
        f"transcript: sha256 {piece.transcript_digest}",
        f"timing: {timing.quality.value}, offset {timing.offset_ms} ms, drift {timing.drift_ppm:g} ppm",
    ]
    corrected = corrected_texts(piece.turns, piece.annotations)
    return _text(piece, about, [paragraphs(turn, corrected.get(turn.index)) for turn in piece.turns])


def _annotation_lines(piece: Piece) -> bytes:
    if piece.spelled is not None:
        return piece.spelled.lines
    return json_lines.flat_lines(annotation_rows(piece.annotations))


def _annotation_cells(piece: Piece) -> bytes:
    return csv_table.annotation_lines(piece.annotations)


def _remarks(piece: Piece) -> bytes:
    return _text(piece, [], [_remark(one) for one in piece.annotations]) if piece.annotations else b""


def _card_lines(piece: Piece) -> bytes:
    return json_lines.lines({"session_id": card.session_id} | scorecard_object(card) for card in piece.scorecards)


def _answer_cells(piece: Piece) -> bytes:
    return csv_table.lines(row.values() for card in piece.scorecards for row in score_rows(card))


def _cards(piece: Piece) -> bytes:
    return _text(piece, [], [_card(card) for card in piece.scorecards]) if piece.scorecards else b""


_FORMATS: Mapping[tuple[What, str], ManyFormat] = {
    (entry.what, entry.name): entry
    for entry in (
        ManyFormat(What.TRANSCRIPTS, "jsonl", _turn_lines),
        ManyFormat(What.TRANSCRIPTS, "csv", _turn_cells, csv_table.lines([TURN_COLUMNS])),
        ManyFormat(What.TRANSCRIPTS, "txt", _conversation),
        ManyFormat(What.ANNOTATIONS, "jsonl", _annotation_lines),
        ManyFormat(What.ANNOTATIONS, "csv", _annotation_cells, csv_table.lines([COLUMNS])),
        ManyFormat(What.ANNOTATIONS, "txt", _remarks),
        ManyFormat(What.SCORES, "jsonl", _card_lines),
        ManyFormat(What.SCORES, "csv", _answer_cells, csv_table.lines([SCORE_COLUMNS])),
        ManyFormat(What.SCORES, "txt", _cards),
    )
}


def many_format(what: What, name: str) -> ManyFormat:
    """The format of that name; raises UsageError naming those there are."""
    found = _FORMATS.get((what, name))
    if found is None:
        there_are = ", ".join(entry.name for entry in _FORMATS.values() if entry.what is what)
        raise UsageError(f"Many sessions cannot be written as “{name[:40]}”.", f"Choose one of: {there_are}.")
    return found


def _turns(piece: Piece) -> list[dict[str, str | int | None]]:
    if piece.session is None or piece.timing is None:
        return []
    corrected = corrected_texts(piece.turns, piece.annotations)
    return list(
        transcript_rows(
            piece.session, piece.turns, corrected=corrected, digest=piece.transcript_digest, timing=piece.timing
        )
    )


def _text(piece: Piece, about: list[str], paragraphs: list[str]) -> bytes:
    """A session with two blank lines behind it."""
    title = [plain(piece.session.title)] if piece.session is not None and piece.session.title else []
    head = "\n".join([*title, f"session: {plain(piece.session_id)}", *about])
    return ("\n\n".join([head, *paragraphs]) + "\n\n\n").encode()


def _remark(annotation: Annotation) -> str:
    until = "" if annotation.end_ms is None else f"–{moment(annotation.end_ms)}"
    return f"[{moment(annotation.start_ms)}{until}] {plain(label_of(annotation))} ({plain(annotation.author)})"


def _card(card: Scorecard) -> str:
    score = in_percent(None if card.result is None else card.result.score)
    lines = [
        f"{plain(card.form.title)}, version {card.form.version}: {'no score' if score is None else f'{score:g} %'}",
        f"{plain(card.author)}, {instant_text(card.submitted_at)}",
    ]
    for row in score_rows(card):
        answer = "does not apply" if row["does_not_apply"] else plain(str(row["answer"] or "-"))
        comment = f" ({plain(str(row['comment']))})" if row["comment"] else ""
        lines.append(f"{plain(str(row['question']))}: {answer}{comment}")
    return "\n".join(lines)
