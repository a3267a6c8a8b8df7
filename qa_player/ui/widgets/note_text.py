"""A whole note to read: its sections under their titles, the snippets it claims to rest on, what was extracted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from qa_player.model.loinc import loinc_title
from qa_player.model.note import KeptNote, NoteSection
from qa_player.ui.widgets.text import Label, one_line

LONGEST = 20_000
MOST_SNIPPETS = 50


class NoteText(QScrollArea):
    """All of it plain text: what stands in a note is somebody else's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName("Whole note")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._kept: KeptNote | None = None

    def show_note(self, kept: KeptNote, texts: Sequence[str], added: Sequence[str] = ()) -> None:
        """Show ``kept`` where one has read to; ``texts`` are what its sections read, ``added`` comes below them."""
        place = self.verticalScrollBar().value() if kept == self._kept else 0
        self._kept = kept
        body = QWidget()
        body.setProperty("kind", "plain")
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        for number, (section, text) in enumerate(zip(kept.note.sections, texts, strict=True)):
            if number:
                column.addSpacing(10)
            _add_section(column, section, text)
        if added:
            column.addSpacing(10)
            column.addWidget(_label("Added from the conversation", kind="heading"))
        for words in added:
            column.addWidget(_label(words, kind=""))
        for line in structured_lines(kept.note.structured):
            column.addWidget(line)
        column.addStretch(1)
        self.setWidget(body)
        self.verticalScrollBar().setValue(place)


def section_title(section: NoteSection) -> str:
    """Its own title, else LOINC's, else the code, else only that it is a note."""
    return section.title or loinc_title(section.loinc_code) or section.loinc_code or "Note"


def _add_section(column: QVBoxLayout, section: NoteSection, text: str) -> None:
    column.addWidget(_label(section_title(section), kind="heading"))
    official = loinc_title(section.loinc_code)
    if section.loinc_code:
        code = f"LOINC {one_line(section.loinc_code)[:40]}"
        column.addWidget(_label(f"{official} · {code}" if official else code, kind="small"))
    column.addWidget(_label(text or "Nothing stands here.", kind="" if text else "muted"))
    if section.evidence:
        column.addWidget(_label("The note says that it rests on", kind="small"))
    for snippet in section.evidence[:MOST_SNIPPETS]:
        column.addWidget(_label(f"“{snippet}”", kind="muted"))


def structured_lines(structured: Mapping[str, object]) -> list[Label]:
    """Diagnoses and orders as they were extracted, a heading for each kind."""
    lines: list[Label] = []
    for name, value in structured.items():
        lines.append(_label(f"Extracted: {one_line(name).replace('_', ' ')}", kind="heading"))
        lines += [_label(words, kind="muted") for words in _told(value)[:200]]
    return lines


def _told(value: object) -> list[str]:
    """One line for each object in ``value`` that holds plain values, empty ones left out."""
    if isinstance(value, list):
        return [line for item in value for line in _told(item)]
    if not isinstance(value, dict):
        return [str(value)] if value not in (None, "") else []
    plain = {name: told for name, told in value.items() if not isinstance(told, dict | list) and told not in (None, "")}
    words = ", ".join(
        f"{name.replace('_', ' ')} {json.dumps(told) if told is True else told}" for name, told in plain.items()
    )
    deeper = [line for told in value.values() if isinstance(told, dict | list) for line in _told(told)]
    return [*([words] if words else []), *deeper]


def _label(text: str, *, kind: str) -> Label:
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    label = Label(shown, wrap=True, kind=kind)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
